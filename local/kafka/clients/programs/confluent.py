"""What confluent-kafka (librdkafka) does: python3 confluent.py BROKER. Of each session there is a line `== name`."""

import sys
import time

from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaException,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource
from confluent_kafka.admin import NewPartitions, NewTopic, OffsetSpec, ResourceType

basics = {"bootstrap.servers": sys.argv[1]}
admin = AdminClient(basics)
TOPIC = "confluent"


def session(name):
    print("==", name)


def done(futures):
    """What became of each name, in the order of names."""
    for key, future in sorted(futures.items(), key=lambda item: str(item[0])):
        try:
            print(key, future.result(20))
        except KafkaException as error:
            print(key, error.args[0].name(), error.args[0].str())


def produce(values, **options):
    delivered = []
    producer = Producer({**basics, **options})
    for n, value in enumerate(values):
        producer.produce(TOPIC, value, key=str(n), partition=0, timestamp=1_700_000_000_000 + n, headers={"n": str(n)},
                         on_delivery=lambda error, record: delivered.append((error, record.offset())))
    producer.flush(20)
    print(delivered)


def consume(expected, keep=False, **options):
    options = {"auto.offset.reset": "earliest", "enable.auto.commit": False, **options}
    consumer = Consumer({**basics, **options})
    consumer.subscribe([TOPIC])
    records = []
    while len(records) < expected:
        record = consumer.poll(20)
        if record is None:
            print("nothing more in 20 s")
            break
        if record.error():
            print(record.error())
            continue
        records.append(record)
    if keep:
        return consumer, records
    consumer.close()
    return records


session("create topics")
new = NewTopic(TOPIC, 2, 1, config={"retention.ms": "-1"})
done(admin.create_topics([new]))
done(admin.create_topics([new]))
done(admin.create_topics([NewTopic("confluent-wrong", 1, 1, config={"retention.ms": "abc"})]))
done(admin.create_topics([NewTopic("confluent-none", 0, 1)]))
done(admin.create_topics([NewTopic("confluent-dry", 1, 1)], validate_only=True))
done(admin.create_partitions([NewPartitions(TOPIC, 3)]))
done(admin.create_partitions([NewPartitions(TOPIC, 3)]))
while len(admin.list_topics(TOPIC).topics[TOPIC].partitions) < 3:  # a broker learns of them a little later
    time.sleep(0.05)

session("describe topics")
for name, future in admin.describe_topics(TopicCollection([TOPIC])).items():
    print(name, [(each.id, len(each.replicas), len(each.isr)) for each in future.result(20).partitions])
done({"missing": admin.describe_topics(TopicCollection(["confluent-missing"]))["confluent-missing"]})

session("change settings of a topic")
change = ConfigEntry("max.message.bytes", "65536", incremental_operation=AlterConfigOpType.SET)
done(admin.incremental_alter_configs([ConfigResource(ResourceType.TOPIC, TOPIC, incremental_configs=[change])]))
wrong = ConfigEntry("segment.bytes", "-1", incremental_operation=AlterConfigOpType.SET)
done(admin.incremental_alter_configs([ConfigResource(ResourceType.TOPIC, TOPIC, incremental_configs=[wrong])]))

session("produce with every codec")
for codec in ("none", "gzip", "snappy", "lz4", "zstd"):
    produce([codec * 20, None, ""], **{"compression.type": codec})
produce(["one", "two"], **{"enable.idempotence": True})
produce(["x" * 100_000])

session("describe settings of a topic")
for future in admin.describe_configs([ConfigResource(ResourceType.TOPIC, TOPIC)]).values():
    for name, entry in sorted(future.result(20).items()):
        print(name, entry.value, entry.is_read_only, entry.is_default, entry.is_sensitive)

for protocol in ("classic", "consumer"):
    group = f"confluent-{protocol}"
    session(f"consume in a group: {protocol}")
    consumer, records = consume(17, keep=True, **{"group.id": group, "group.protocol": protocol})
    for record in records:
        print(record.partition(), record.offset(), record.key(), (record.value() or b"")[:8], record.headers())
    print(sorted((each.topic, each.partition) for each in consumer.assignment()))
    print([(each.offset, each.error) for each in consumer.commit(asynchronous=False) if each.offset >= 0])
    print([each.offset for each in consumer.committed([TopicPartition(TOPIC, 0)], 20)])

    session(f"describe a group that is live: {protocol}")
    found = admin.describe_consumer_groups([group])[group].result(20)
    print(found.group_id, found.is_simple_consumer_group, found.partition_assignor, found.state, found.type)
    print([len(member.assignment.topic_partitions) for member in found.members])
    consumer.close()

    session(f"committed offsets: {protocol}")
    of_group = ConsumerGroupTopicPartitions(group, [TopicPartition(TOPIC, 0, 5)])
    print(admin.alter_consumer_group_offsets([of_group])[group].result(20).topic_partitions[0].offset)
    listed = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group].result(20)
    print(sorted((each.partition, each.offset) for each in listed.topic_partitions if each.offset >= 0))
    print(consume(1, **{"group.id": group, "group.protocol": protocol})[0].offset())

session("list groups")
for group in sorted(admin.list_consumer_groups().result(20).valid, key=lambda group: group.group_id):
    if group.group_id.startswith(TOPIC):
        print(group.group_id, group.is_simple_consumer_group, group.state, group.type)

session("offsets by time")
specs = (OffsetSpec.earliest(), OffsetSpec.latest(), OffsetSpec.max_timestamp(), OffsetSpec.for_timestamp(1_700_000_000_001))
for spec in specs:
    for future in admin.list_offsets({TopicPartition(TOPIC, 0): spec}).values():
        print(future.result(20).offset, future.result(20).timestamp)

session("transactions")
for value, commit in (("aborted", False), ("committed", True)):
    producer = Producer({**basics, "transactional.id": "confluent"})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce(TOPIC, value, partition=0)
    consumer, _ = consume(1, keep=True, **{"group.id": "confluent-classic"})
    producer.send_offsets_to_transaction([TopicPartition(TOPIC, 0, 11)], consumer.consumer_group_metadata(), 20)
    (producer.commit_transaction if commit else producer.abort_transaction)(20)
    print(value, [each.offset for each in consumer.committed([TopicPartition(TOPIC, 0)], 20)])
    consumer.close()
for level, expected in (("read_uncommitted", 19), ("read_committed", 18)):
    records = consume(expected, **{"group.id": f"confluent-{level}", "isolation.level": level})
    print(level, [(record.offset(), record.value()) for record in records[17:]])
for level in (IsolationLevel.READ_UNCOMMITTED, IsolationLevel.READ_COMMITTED):
    latest = admin.list_offsets({TopicPartition(TOPIC, 0): OffsetSpec.latest()}, isolation_level=level)
    print([future.result(20).offset for future in latest.values()])

session("a producer that another one has fenced")
first, second = (Producer({**basics, "transactional.id": "confluent-fenced"}) for _ in range(2))
first.init_transactions(20)
first.begin_transaction()
first.produce(TOPIC, "fenced", partition=1)
second.init_transactions(20)
try:
    first.commit_transaction(20)
except KafkaException as error:
    print(error.args[0].name(), error.args[0].fatal())

session("delete records, groups and topics")
for future in admin.delete_records([TopicPartition(TOPIC, 0, 3)]).values():
    print(future.result(20).low_watermark)
done(admin.delete_consumer_groups(["confluent-classic", "confluent-missing"]))
done(admin.delete_topics([TOPIC, "confluent-missing"], operation_timeout=20))
