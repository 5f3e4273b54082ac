/** Something that cannot be done now, in a sentence that says what to do about it. */
export class Refused extends Error {
  override name = 'Refused'
}
