"""What kafka-python does: python3 kafka_python.py BROKER. Of each session there is a line `== name`, and its output."""

import sys

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic
from kafka.structs import OffsetAndMetadata

broker = sys.argv[1]
TOPIC = "kafka-python"
PARTITION = TopicPartition(TOPIC, 0)


def session(name):
    print("==", name)


def consume(expected, **options):
    options = {"auto_offset_reset": "earliest", "enable_auto_commit": False, **options}
    consumer = KafkaConsumer(TOPIC, bootstrap_servers=broker, consumer_timeout_ms=20_000, **options)
    records = []
    while len(records) < expected:
        records.append(next(consumer))
    return consumer, records


def refused(attempt):
    try:
        print("not refused:", attempt())
    except Exception as error:
        print(type(error).__name__)


session("create a topic, and again")
admin = KafkaAdminClient(bootstrap_servers=broker)
topic = NewTopic(TOPIC, num_partitions=1, replication_factor=1, topic_configs={"retention.ms": "-1"})
admin.create_topics([topic])
refused(lambda: admin.create_topics([topic]))

session("describe it")
for found in admin.describe_topics([TOPIC]):
    print(found["name"], found["error_code"], len(found["partitions"]))
print(TOPIC in admin.list_topics())

session("describe its settings")
resource = ConfigResource(ConfigResourceType.TOPIC, TOPIC)
print({key: found["value"] for key, found in admin.describe_configs([resource])["topic"][TOPIC].items()})

session("produce with every codec")
for codec in (None, "gzip", "snappy", "lz4", "zstd"):
    producer = KafkaProducer(bootstrap_servers=broker, compression_type=codec, acks="all")
    for n in range(3):
        value = f"{codec} {n} ".encode() * 20
        sent = producer.send(TOPIC, value, key=b"%d" % n, headers=[("n", b"%d" % n)], timestamp_ms=1_700_000_000_000 + n)
        sent = sent.get(20)
        print(sent.topic, sent.partition, sent.offset, sent.timestamp)
    producer.close()

session("produce nothing but a null")
producer = KafkaProducer(bootstrap_servers=broker, enable_idempotence=True)
print(producer.send(TOPIC, None, key=b"gone").get(20).offset)
producer.close()

session("consume in a group")
consumer, records = consume(16, group_id="kafka-python")
for record in records:
    print(record.partition, record.offset, record.key, record.value and record.value[:8], record.headers)
print(sorted(consumer.assignment()))

session("describe a group that is live")
for name, group in admin.describe_groups(["kafka-python"]).items():
    print(name, group["group_state"], group["protocol_type"], group["protocol_data"], len(group["members"]))

session("commit, and read what is committed")
consumer.commit({PARTITION: OffsetAndMetadata(7, "here", -1)})
print(consumer.committed(PARTITION, metadata=True))
consumer.close()
print(admin.list_group_offsets(["kafka-python"]))

session("go on from there")
consumer, records = consume(1, group_id="kafka-python")
print(records[0].offset)
consumer.close()

session("offsets by time")
consumer = KafkaConsumer(bootstrap_servers=broker)
print(consumer.beginning_offsets([PARTITION]), consumer.end_offsets([PARTITION]))
for time in (0, 1_700_000_000_001, 1_700_000_000_003, 9_999_999_999_999):
    print(time, (consumer.offsets_for_times({PARTITION: time})[PARTITION] or (None,))[0])
consumer.close()

session("a transaction that is committed, and one that is not")
producer = KafkaProducer(bootstrap_servers=broker, transactional_id="kafka-python")
producer.init_transactions()
for value, end in ((b"aborted", producer.abort_transaction), (b"committed", producer.commit_transaction)):
    producer.begin_transaction()
    print(producer.send(TOPIC, value).get(20).offset)
    producer.send_offsets_to_transaction({PARTITION: OffsetAndMetadata(9, "", -1)}, "kafka-python")
    end()
producer.close()
for level, expected in (("read_uncommitted", 18), ("read_committed", 17)):
    consumer, records = consume(expected, isolation_level=level)
    print(level, [(record.offset, record.value) for record in records[16:]])
    consumer.close()

session("delete records, groups and topics")
print([found["low_watermark"] for found in admin.delete_records({PARTITION: 4}).values()])
print(admin.delete_groups(["kafka-python"]))
admin.delete_topics([TOPIC])
refused(lambda: admin.delete_topics(["kafka-python-missing"]))
print(TOPIC in admin.list_topics())
admin.close()
