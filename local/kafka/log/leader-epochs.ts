// The epochs of a partition's leaders, with the offset at which each began to write (KIP-101, KIP-320).

export type EpochStart = { epoch: number; start: number }

export class LeaderEpochs {
  starts: EpochStart[]

  constructor(starts: EpochStart[] = []) {
    this.starts = starts
  }

  /** The last one; -1 before the first. */
  get last() {
    return this.starts.at(-1)?.epoch ?? -1
  }

  begin(epoch: number, start: number) {
    if (epoch <= this.last) return
    if (this.starts.at(-1)?.start === start) this.starts.pop() // it wrote nothing
    this.starts.push({ epoch, start })
  }

  /** The epoch that wrote the record at `offset`; -1 where it is not known. */
  at(offset: number) {
    return this.starts.findLast(({ start }) => start <= offset)?.epoch ?? -1
  }

  /** Where the records of an epoch end, and the last epoch up to it that wrote any; -1 for one that is not known. */
  end(epoch: number, end: number) {
    if (epoch >= 0 && epoch === this.last) return { epoch, endOffset: end }
    const next = this.starts.find((each) => each.epoch > epoch)
    if (epoch < 0 || !next) return { epoch: -1, endOffset: -1 }
    return { epoch: this.starts.findLast((each) => each.epoch <= epoch)?.epoch ?? epoch, endOffset: next.start }
  }
}
