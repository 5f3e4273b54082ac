/** Those in which Kafka keeps what is in files of its own here: nobody may take them for topics of Kafka. */
export const isInternal = (name: string) =>
  ['__cluster_metadata', '__consumer_offsets', '__share_group_state', '__transaction_state'].includes(name)

/** Kafka's metrics write both the same, so it lets two topics not differ in this alone. */
export const metricOf = (topic: string) => topic.replaceAll('.', '_')

/** A folder, of a name that fits a file name on every disk, also on one that folds case. No topic has a ~ in its name. */
export const logName = ({ name, id }: { name: string; id: string }, index: number) =>
  /^[a-z0-9._-]{1,200}$/.test(name) ? `${name}-${index}` : `${name.slice(0, 200)}~${id}-${index}`
