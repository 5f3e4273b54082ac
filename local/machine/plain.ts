/** Text for a terminal: what clients or brokers have written must not steer one. */
export const plain = (text: string) => text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD')
