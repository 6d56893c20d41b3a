#!/usr/bin/env bash
# Generated from proto/topics.json by `npm run generate`. Do not edit.
# Creates every topic on a Kafka cluster: BOOTSTRAP=host:port REPLICATION=3 MIN_INSYNC=2 ./create-topics.sh
set -euo pipefail
: "${BOOTSTRAP:=127.0.0.1:9092}" "${REPLICATION:=3}" "${MIN_INSYNC:=2}" "${KAFKA_TOPICS:=kafka-topics.sh}"

create() {
  local topic=$1 partitions=$2
  shift 2
  local config=()
  for entry in "$@"; do config+=(--config "$entry"); done
  "$KAFKA_TOPICS" --bootstrap-server "$BOOTSTRAP" --create --if-not-exists --topic "$topic" \
    --partitions "$partitions" --replication-factor "$REPLICATION" "${config[@]}"
}

create md.quote 2 cleanup.policy=delete max.message.bytes=4194304 retention.ms=21600000
create md.quote.dlq 2 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create md.trade 2 cleanup.policy=delete max.message.bytes=4194304 retention.ms=86400000
create md.trade.dlq 2 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create md.book 2 cleanup.policy=delete max.message.bytes=4194304 retention.ms=7200000
create md.book.dlq 2 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create md.bar 8 cleanup.policy=delete max.message.bytes=4194304 retention.ms=604800000
create md.bar.dlq 8 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create md.mark 8 cleanup.policy=delete max.message.bytes=4194304 retention.ms=86400000
create md.mark.dlq 8 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create md.option-quote 8 cleanup.policy=delete max.message.bytes=4194304 retention.ms=21600000
create md.option-quote.dlq 8 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create md.status 8 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2
create md.status.dlq 8 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create md.anomaly 8 cleanup.policy=delete max.message.bytes=4194304 retention.ms=604800000
create md.anomaly.dlq 8 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create feature.value 2 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2
create feature.value.dlq 2 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create surface.fit 8 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2
create surface.fit.dlq 8 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create basis.model 4 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2
create basis.model.dlq 4 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create prediction.value 4 cleanup.policy=delete max.message.bytes=4194304 retention.ms=86400000
create prediction.value.dlq 4 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create risk.greeks 8 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2
create risk.greeks.dlq 8 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create risk.metrics 8 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2
create risk.metrics.dlq 8 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create risk.scenarios 8 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2
create risk.scenarios.dlq 8 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create hedge.signal 4 cleanup.policy=delete max.message.bytes=4194304 retention.ms=86400000
create hedge.signal.dlq 4 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000
create order.request 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=31536000000 min.insync.replicas=$MIN_INSYNC
create order.request.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create order.decision 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=31536000000 min.insync.replicas=$MIN_INSYNC
create order.decision.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create order.event 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=31536000000 min.insync.replicas=$MIN_INSYNC
create order.event.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create fill 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=31536000000 min.insync.replicas=$MIN_INSYNC
create fill.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create position.adjustment 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=31536000000 min.insync.replicas=$MIN_INSYNC
create position.adjustment.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create position 6 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create position.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create account 6 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create account.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create tca.report 6 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create tca.report.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create alert 6 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create alert.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create control.limit 1 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create control.limit.dlq 1 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create control.kill 1 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create control.kill.dlq 1 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create control.breaker 1 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create control.breaker.dlq 1 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create control.leader 1 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create control.leader.dlq 1 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create ref.instrument 1 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create ref.instrument.dlq 1 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create audit 1 cleanup.policy=delete max.message.bytes=4194304 retention.ms=31536000000 min.insync.replicas=$MIN_INSYNC
create audit.dlq 1 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create pre-trade.state 6 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create pre-trade.state.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create portfolio.state 6 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create portfolio.state.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create execution.state 6 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create execution.state.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create tca.state 6 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create tca.state.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
create alerting.state 6 cleanup.policy=compact max.message.bytes=4194304 segment.bytes=16777216 segment.ms=3600000 min.cleanable.dirty.ratio=0.2 min.insync.replicas=$MIN_INSYNC
create alerting.state.dlq 6 cleanup.policy=delete max.message.bytes=4194304 retention.ms=2592000000 min.insync.replicas=$MIN_INSYNC
