// What franz-go does: franz BROKER. Of each session there is a line `== name`, and then its output.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const topic = "franz-go"

var (
	broker      = kgo.SeedBrokers(os.Args[1])
	ctx, cancel = context.WithTimeout(context.Background(), 60*time.Second)
	admin       = kadm.NewClient(open())
)

func session(name string) { fmt.Println("==", name) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func open(options ...kgo.Opt) *kgo.Client { return must(kgo.NewClient(append(options, broker)...)) }

// The code is what a program acts on; the words around it are the client's.
func code(err error) string {
	var known *kerr.Error
	if errors.As(err, &known) {
		return known.Message
	}
	return fmt.Sprint(err)
}

func consume(expected int, options ...kgo.Opt) (*kgo.Client, []*kgo.Record) {
	options = append(options, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	client := open(options...)
	var records []*kgo.Record
	for len(records) < expected {
		fetches := client.PollFetches(ctx)
		for _, failed := range fetches.Errors() {
			panic(failed.Err)
		}
		records = append(records, fetches.Records()...)
	}
	return client, records
}

func group(name string, options ...kgo.Opt) {
	session("consume in a group: " + name)
	client, records := consume(12, append(options, kgo.ConsumerGroup(name), kgo.DisableAutoCommit())...)
	for _, record := range records {
		fmt.Println(record.Partition, record.Offset, string(record.Key), string(record.Value[:4]), record.Headers)
	}
	must(0, client.CommitRecords(ctx, records...))
	for _, lag := range must(admin.Lag(ctx, name)) {
		fmt.Println(lag.Group, lag.State, lag.ProtocolType, len(lag.Members), lag.Lag.Total(), code(lag.Error()))
	}
	client.Close()
	must(0, admin.CommitAllOffsets(ctx, name, kadm.OffsetsFromRecords(*records[4])))
	client, records = consume(1, append(options, kgo.ConsumerGroup(name), kgo.DisableAutoCommit())...)
	fmt.Println("goes on at", records[0].Offset)
	client.Close()
}

func main() {
	defer cancel()
	session("create a topic, and again")
	forever := "-1"
	must(admin.CreateTopic(ctx, 1, 1, map[string]*string{"retention.ms": &forever}, topic))
	_, err := admin.CreateTopic(ctx, 1, 1, nil, topic)
	fmt.Println(code(err))
	_, err = admin.CreateTopic(ctx, 1, 9, nil, "franz-go-replicas")
	fmt.Println(code(err))

	session("produce with every codec")
	codecs := []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(),
		kgo.Lz4Compression(), kgo.ZstdCompression()}
	for n, codec := range codecs {
		client := open(kgo.ProducerBatchCompression(codec))
		for part := range 2 {
			record := kgo.KeySliceRecord(fmt.Append(nil, n), fmt.Appendf(nil, "%d:%d %0200d", n, part, n))
			record.Topic = topic
			record.Timestamp = time.UnixMilli(1_700_000_000_000 + int64(n))
			record.Headers = []kgo.RecordHeader{{Key: "n", Value: fmt.Append(nil, part)}}
			sent := must(client.ProduceSync(ctx, record).First())
			fmt.Println(sent.Partition, sent.Offset, sent.Timestamp.UnixMilli())
		}
		client.Close()
	}

	session("produce without an acknowledgement, and from a producer that is not idempotent")
	for _, acks := range []kgo.Acks{kgo.LeaderAck(), kgo.NoAck()} {
		client := open(kgo.RequiredAcks(acks), kgo.DisableIdempotentWrite())
		record := must(client.ProduceSync(ctx, &kgo.Record{Topic: topic, Value: []byte("acks")}).First())
		fmt.Println(record.Value != nil)
		client.Close()
	}

	group("franz-go-classic")
	group("franz-go-sticky", kgo.Balancers(kgo.CooperativeStickyBalancer()))
	group("franz-go-new", kgo.ServerSideBalancer())

	session("transactions, from a topic and to it")
	for _, end := range []kgo.TransactionEndTry{kgo.TryAbort, kgo.TryCommit} {
		both := must(kgo.NewGroupTransactSession(broker, kgo.TransactionalID("franz-go"), kgo.ConsumerGroup("franz-go-eos"),
			kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.RequireStableFetchOffsets()))
		records := both.PollFetches(ctx).Records()
		must(0, both.Begin())
		out := &kgo.Record{Topic: topic, Value: fmt.Appendf(nil, "after %d", records[0].Offset)}
		must(both.ProduceSync(ctx, out).First())
		fmt.Println(both.End(ctx, end))
		both.Close()
	}
	for _, level := range []kgo.IsolationLevel{kgo.ReadUncommitted(), kgo.ReadCommitted()} {
		offsets := must(admin.ListEndOffsets(ctx, topic))
		end, _ := offsets.Lookup(topic, 0)
		client := open(kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(level),
			kgo.ConsumeResetOffset(kgo.NewOffset().At(12)))
		seen := 0
		for last := int64(0); last < end.Offset-2; { // behind the last record there is the marker of its transaction
			for _, record := range client.PollFetches(ctx).Records() {
				last, seen = record.Offset, seen+1
				fmt.Println(record.Offset, string(record.Value))
			}
		}
		fmt.Println(seen, "of", end.Offset)
		client.Close()
	}

	session("offsets by time")
	for _, time := range []int64{0, 1_700_000_000_001, 1_700_000_000_005, 9_999_999_999_999} {
		found, _ := must(admin.ListOffsetsAfterMilli(ctx, time, topic)).Lookup(topic, 0)
		fmt.Println(time, found.Offset)
	}
	local, _ := must(admin.ListLocalLogStartOffsets(ctx, topic)).Lookup(topic, 0)
	fmt.Println(local.Offset, code(local.Err))

	session("settings, log folders and leaders")
	size := "65536"
	must(admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "segment.bytes", Value: &size}}, topic))
	altered := must(admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "colour", Value: &size}}, topic))
	for _, each := range altered {
		fmt.Println(each.Name, code(each.Err))
	}
	for _, folders := range must(admin.DescribeAllLogDirs(ctx, kadm.TopicsSet{topic: {0: {}}})) {
		for _, folder := range folders {
			fmt.Println(len(folder.Topics[topic]), code(folder.Err))
		}
	}
	elected := must(admin.ElectLeaders(ctx, kadm.ElectPreferredReplica, kadm.TopicsSet{topic: {0: {}}}))
	fmt.Println(code(elected[topic][0].Err))

	session("delete records, groups and topics")
	deleted := must(admin.DeleteRecords(ctx, kadm.Offsets{topic: {0: kadm.Offset{Topic: topic, At: 3}}}))
	fmt.Println(deleted[topic][0].LowWatermark, code(deleted[topic][0].Err))
	for _, name := range []string{"franz-go-classic", "franz-go-new", "franz-go-missing"} {
		_, err := admin.DeleteGroup(ctx, name)
		fmt.Println(name, code(err))
	}
	for _, name := range []string{topic, "franz-go-missing"} {
		_, err := admin.DeleteTopic(ctx, name)
		fmt.Println(name, code(err))
	}
}
