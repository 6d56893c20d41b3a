#!/usr/bin/env bash
# Generated from proto/access.json by `npm run generate`. Do not edit.
# Grants each service its rights and nothing more, on brokers that deny by default:
#   BOOTSTRAP=host:port ADMIN_CONFIG=admin.properties ./create-acls.sh
# It takes nothing away; `cerberus topics --acls` does the same and removes what is no longer granted.
set -euo pipefail
: "${BOOTSTRAP:=127.0.0.1:9092}" "${ADMIN_CONFIG:?properties of an admin user}" "${KAFKA_ACLS:=kafka-acls.sh}"

grant() {
  local user=$1 pattern=$2
  shift 2
  "$KAFKA_ACLS" --bootstrap-server "$BOOTSTRAP" --command-config "$ADMIN_CONFIG" --add \
    --allow-principal "User:$user" --resource-pattern-type "$pattern" "$@"
}

grant cerberus-market-data literal --topic '*' --operation Describe --operation DescribeConfigs
grant cerberus-market-data literal --topic 'md.bar' --operation Read --operation Write
grant cerberus-market-data literal --topic 'md.status' --operation Read --operation Write
grant cerberus-market-data literal --topic 'md.trade' --operation Read --operation Write
grant cerberus-market-data literal --topic 'ref.instrument' --operation Read --operation Write
grant cerberus-market-data literal --topic 'md.anomaly' --operation Write
grant cerberus-market-data literal --topic 'md.book' --operation Write
grant cerberus-market-data literal --topic 'md.mark' --operation Write
grant cerberus-market-data literal --topic 'md.quote' --operation Write
grant cerberus-market-data literal --group 'market-data-owners' --operation Read
grant cerberus-market-data prefixed --transactional-id 'market-data-' --operation Write --operation Describe
grant cerberus-features literal --topic '*' --operation Describe --operation DescribeConfigs
grant cerberus-features literal --topic 'md.quote' --operation Read
grant cerberus-features literal --topic 'md.status' --operation Read
grant cerberus-features literal --topic 'feature.value' --operation Write
grant cerberus-features literal --group 'features-owners' --operation Read
grant cerberus-portfolio literal --topic '*' --operation Describe --operation DescribeConfigs
grant cerberus-portfolio literal --topic 'fill' --operation Read
grant cerberus-portfolio literal --topic 'portfolio.state' --operation Read --operation Write
grant cerberus-portfolio literal --topic 'position.adjustment' --operation Read --operation Write
grant cerberus-portfolio literal --topic 'ref.instrument' --operation Read --operation Write
grant cerberus-portfolio literal --topic 'account' --operation Write
grant cerberus-portfolio literal --topic 'position' --operation Write
grant cerberus-portfolio literal --topic 'fill.dlq' --operation Write
grant cerberus-portfolio literal --topic 'portfolio.state.dlq' --operation Write
grant cerberus-portfolio literal --topic 'position.adjustment.dlq' --operation Write
grant cerberus-portfolio literal --topic 'ref.instrument.dlq' --operation Write
grant cerberus-portfolio literal --group 'portfolio' --operation Read
grant cerberus-portfolio prefixed --transactional-id 'portfolio-' --operation Write --operation Describe
grant cerberus-pre-trade literal --topic '*' --operation Describe --operation DescribeConfigs
grant cerberus-pre-trade literal --topic 'control.kill' --operation Read
grant cerberus-pre-trade literal --topic 'control.limit' --operation Read --operation Write
grant cerberus-pre-trade literal --topic 'fill' --operation Read
grant cerberus-pre-trade literal --topic 'md.bar' --operation Read
grant cerberus-pre-trade literal --topic 'md.quote' --operation Read
grant cerberus-pre-trade literal --topic 'md.status' --operation Read
grant cerberus-pre-trade literal --topic 'order.event' --operation Read
grant cerberus-pre-trade literal --topic 'order.request' --operation Read
grant cerberus-pre-trade literal --topic 'position.adjustment' --operation Read
grant cerberus-pre-trade literal --topic 'pre-trade.state' --operation Read --operation Write
grant cerberus-pre-trade literal --topic 'ref.instrument' --operation Read
grant cerberus-pre-trade literal --topic 'risk.scenarios' --operation Read
grant cerberus-pre-trade literal --topic 'order.decision' --operation Write
grant cerberus-pre-trade literal --topic 'control.kill.dlq' --operation Write
grant cerberus-pre-trade literal --topic 'control.limit.dlq' --operation Write
grant cerberus-pre-trade literal --topic 'fill.dlq' --operation Write
grant cerberus-pre-trade literal --topic 'md.bar.dlq' --operation Write
grant cerberus-pre-trade literal --topic 'md.quote.dlq' --operation Write
grant cerberus-pre-trade literal --topic 'md.status.dlq' --operation Write
grant cerberus-pre-trade literal --topic 'order.event.dlq' --operation Write
grant cerberus-pre-trade literal --topic 'order.request.dlq' --operation Write
grant cerberus-pre-trade literal --topic 'position.adjustment.dlq' --operation Write
grant cerberus-pre-trade literal --topic 'pre-trade.state.dlq' --operation Write
grant cerberus-pre-trade literal --topic 'ref.instrument.dlq' --operation Write
grant cerberus-pre-trade literal --topic 'risk.scenarios.dlq' --operation Write
grant cerberus-pre-trade literal --group 'pre-trade' --operation Read
grant cerberus-pre-trade prefixed --transactional-id 'pre-trade-' --operation Write --operation Describe
grant cerberus-risk-engine literal --topic '*' --operation Describe --operation DescribeConfigs
grant cerberus-risk-engine literal --topic 'account' --operation Read
grant cerberus-risk-engine literal --topic 'feature.value' --operation Read
grant cerberus-risk-engine literal --topic 'md.bar' --operation Read
grant cerberus-risk-engine literal --topic 'md.quote' --operation Read
grant cerberus-risk-engine literal --topic 'position' --operation Read
grant cerberus-risk-engine literal --topic 'ref.instrument' --operation Read
grant cerberus-risk-engine literal --topic 'risk.greeks' --operation Write
grant cerberus-risk-engine literal --topic 'risk.metrics' --operation Write
grant cerberus-risk-engine literal --topic 'risk.scenarios' --operation Write
grant cerberus-risk-engine literal --group 'risk-engine-owners' --operation Read
grant cerberus-execution literal --topic '*' --operation Describe --operation DescribeConfigs
grant cerberus-execution literal --topic 'control.kill' --operation Read
grant cerberus-execution literal --topic 'execution.state' --operation Read --operation Write
grant cerberus-execution literal --topic 'order.decision' --operation Read
grant cerberus-execution literal --topic 'ref.instrument' --operation Read
grant cerberus-execution literal --topic 'control.leader' --operation Write
grant cerberus-execution literal --topic 'fill' --operation Write
grant cerberus-execution literal --topic 'order.event' --operation Write
grant cerberus-execution literal --topic 'control.kill.dlq' --operation Write
grant cerberus-execution literal --topic 'execution.state.dlq' --operation Write
grant cerberus-execution literal --topic 'order.decision.dlq' --operation Write
grant cerberus-execution literal --topic 'ref.instrument.dlq' --operation Write
grant cerberus-execution literal --group 'execution' --operation Read
grant cerberus-execution prefixed --transactional-id 'execution-' --operation Write --operation Describe
grant cerberus-tca literal --topic '*' --operation Describe --operation DescribeConfigs
grant cerberus-tca literal --topic 'fill' --operation Read
grant cerberus-tca literal --topic 'md.quote' --operation Read
grant cerberus-tca literal --topic 'md.trade' --operation Read
grant cerberus-tca literal --topic 'order.decision' --operation Read
grant cerberus-tca literal --topic 'order.event' --operation Read
grant cerberus-tca literal --topic 'ref.instrument' --operation Read
grant cerberus-tca literal --topic 'tca.state' --operation Read --operation Write
grant cerberus-tca literal --topic 'tca.report' --operation Write
grant cerberus-tca literal --topic 'fill.dlq' --operation Write
grant cerberus-tca literal --topic 'md.quote.dlq' --operation Write
grant cerberus-tca literal --topic 'md.trade.dlq' --operation Write
grant cerberus-tca literal --topic 'order.decision.dlq' --operation Write
grant cerberus-tca literal --topic 'order.event.dlq' --operation Write
grant cerberus-tca literal --topic 'ref.instrument.dlq' --operation Write
grant cerberus-tca literal --topic 'tca.state.dlq' --operation Write
grant cerberus-tca literal --group 'tca' --operation Read
grant cerberus-tca prefixed --transactional-id 'tca-' --operation Write --operation Describe
grant cerberus-alerting literal --topic '*' --operation Describe --operation DescribeConfigs
grant cerberus-alerting literal --topic 'alert' --operation Read --operation Write
grant cerberus-alerting literal --topic 'alerting.state' --operation Read --operation Write
grant cerberus-alerting literal --topic 'control.kill' --operation Read
grant cerberus-alerting literal --topic 'control.leader' --operation Read
grant cerberus-alerting literal --topic 'control.limit' --operation Read
grant cerberus-alerting literal --topic 'md.status' --operation Read
grant cerberus-alerting literal --topic 'order.decision' --operation Read
grant cerberus-alerting literal --topic 'order.event' --operation Read
grant cerberus-alerting literal --topic 'risk.metrics' --operation Read
grant cerberus-alerting literal --topic 'tca.report' --operation Read
grant cerberus-alerting literal --topic 'md.quote.dlq' --operation Read
grant cerberus-alerting literal --topic 'md.trade.dlq' --operation Read
grant cerberus-alerting literal --topic 'md.book.dlq' --operation Read
grant cerberus-alerting literal --topic 'md.bar.dlq' --operation Read
grant cerberus-alerting literal --topic 'md.mark.dlq' --operation Read
grant cerberus-alerting literal --topic 'md.option-quote.dlq' --operation Read
grant cerberus-alerting literal --topic 'md.status.dlq' --operation Read --operation Write
grant cerberus-alerting literal --topic 'md.anomaly.dlq' --operation Read
grant cerberus-alerting literal --topic 'feature.value.dlq' --operation Read
grant cerberus-alerting literal --topic 'surface.fit.dlq' --operation Read
grant cerberus-alerting literal --topic 'basis.model.dlq' --operation Read
grant cerberus-alerting literal --topic 'prediction.value.dlq' --operation Read
grant cerberus-alerting literal --topic 'risk.greeks.dlq' --operation Read
grant cerberus-alerting literal --topic 'risk.metrics.dlq' --operation Read --operation Write
grant cerberus-alerting literal --topic 'risk.scenarios.dlq' --operation Read
grant cerberus-alerting literal --topic 'hedge.signal.dlq' --operation Read
grant cerberus-alerting literal --topic 'order.request.dlq' --operation Read
grant cerberus-alerting literal --topic 'order.decision.dlq' --operation Read --operation Write
grant cerberus-alerting literal --topic 'order.event.dlq' --operation Read --operation Write
grant cerberus-alerting literal --topic 'fill.dlq' --operation Read
grant cerberus-alerting literal --topic 'position.adjustment.dlq' --operation Read
grant cerberus-alerting literal --topic 'position.dlq' --operation Read
grant cerberus-alerting literal --topic 'account.dlq' --operation Read
grant cerberus-alerting literal --topic 'tca.report.dlq' --operation Read --operation Write
grant cerberus-alerting literal --topic 'alert.dlq' --operation Read --operation Write
grant cerberus-alerting literal --topic 'control.limit.dlq' --operation Read --operation Write
grant cerberus-alerting literal --topic 'control.kill.dlq' --operation Read --operation Write
grant cerberus-alerting literal --topic 'control.breaker.dlq' --operation Read
grant cerberus-alerting literal --topic 'control.leader.dlq' --operation Read --operation Write
grant cerberus-alerting literal --topic 'ref.instrument.dlq' --operation Read
grant cerberus-alerting literal --topic 'audit.dlq' --operation Read
grant cerberus-alerting literal --topic 'pre-trade.state.dlq' --operation Read
grant cerberus-alerting literal --topic 'portfolio.state.dlq' --operation Read
grant cerberus-alerting literal --topic 'execution.state.dlq' --operation Read
grant cerberus-alerting literal --topic 'tca.state.dlq' --operation Read
grant cerberus-alerting literal --topic 'alerting.state.dlq' --operation Read --operation Write
grant cerberus-alerting literal --group 'alerting' --operation Read
grant cerberus-alerting literal --group 'alerting-webhook' --operation Read
grant cerberus-alerting prefixed --transactional-id 'alerting-' --operation Write --operation Describe
grant cerberus-reporting literal --topic '*' --operation Describe --operation DescribeConfigs
grant cerberus-reporting literal --topic 'account' --operation Read
grant cerberus-reporting literal --topic 'md.bar' --operation Read
grant cerberus-reporting literal --topic 'position' --operation Read
grant cerberus-reporting literal --topic 'risk.metrics' --operation Read
grant cerberus-reporting literal --topic 'tca.report' --operation Read
grant cerberus-reporting literal --topic 'account.dlq' --operation Write
grant cerberus-reporting literal --topic 'md.bar.dlq' --operation Write
grant cerberus-reporting literal --topic 'position.dlq' --operation Write
grant cerberus-reporting literal --topic 'risk.metrics.dlq' --operation Write
grant cerberus-reporting literal --topic 'tca.report.dlq' --operation Write
grant cerberus-reporting literal --group 'reporting' --operation Read
grant cerberus-reporting prefixed --transactional-id 'reporting-' --operation Write --operation Describe
grant cerberus-gateway literal --topic '*' --operation Describe --operation DescribeConfigs
grant cerberus-gateway literal --topic 'account' --operation Read
grant cerberus-gateway literal --topic 'alert' --operation Read
grant cerberus-gateway literal --topic 'control.kill' --operation Read --operation Write
grant cerberus-gateway literal --topic 'control.leader' --operation Read
grant cerberus-gateway literal --topic 'control.limit' --operation Read
grant cerberus-gateway literal --topic 'fill' --operation Read
grant cerberus-gateway literal --topic 'md.bar' --operation Read
grant cerberus-gateway literal --topic 'md.book' --operation Read
grant cerberus-gateway literal --topic 'md.quote' --operation Read
grant cerberus-gateway literal --topic 'md.status' --operation Read
grant cerberus-gateway literal --topic 'order.decision' --operation Read
grant cerberus-gateway literal --topic 'order.event' --operation Read
grant cerberus-gateway literal --topic 'order.request' --operation Read --operation Write
grant cerberus-gateway literal --topic 'position' --operation Read
grant cerberus-gateway literal --topic 'ref.instrument' --operation Read
grant cerberus-gateway literal --topic 'risk.greeks' --operation Read
grant cerberus-gateway literal --topic 'risk.metrics' --operation Read
grant cerberus-gateway literal --topic 'risk.scenarios' --operation Read
grant cerberus-gateway literal --topic 'tca.report' --operation Read
grant cerberus-gateway literal --topic 'account.dlq' --operation Write
grant cerberus-gateway literal --topic 'alert.dlq' --operation Write
grant cerberus-gateway literal --topic 'control.kill.dlq' --operation Write
grant cerberus-gateway literal --topic 'control.leader.dlq' --operation Write
grant cerberus-gateway literal --topic 'control.limit.dlq' --operation Write
grant cerberus-gateway literal --topic 'fill.dlq' --operation Write
grant cerberus-gateway literal --topic 'md.bar.dlq' --operation Write
grant cerberus-gateway literal --topic 'md.book.dlq' --operation Write
grant cerberus-gateway literal --topic 'md.quote.dlq' --operation Write
grant cerberus-gateway literal --topic 'md.status.dlq' --operation Write
grant cerberus-gateway literal --topic 'order.decision.dlq' --operation Write
grant cerberus-gateway literal --topic 'order.event.dlq' --operation Write
grant cerberus-gateway literal --topic 'order.request.dlq' --operation Write
grant cerberus-gateway literal --topic 'position.dlq' --operation Write
grant cerberus-gateway literal --topic 'ref.instrument.dlq' --operation Write
grant cerberus-gateway literal --topic 'risk.greeks.dlq' --operation Write
grant cerberus-gateway literal --topic 'risk.metrics.dlq' --operation Write
grant cerberus-gateway literal --topic 'risk.scenarios.dlq' --operation Write
grant cerberus-gateway literal --topic 'tca.report.dlq' --operation Write
grant cerberus-gateway prefixed --transactional-id 'gateway-' --operation Write --operation Describe
grant cerberus-operator literal --topic '*' --operation Describe --operation DescribeConfigs
grant cerberus-operator literal --topic 'account' --operation Read --operation Write
grant cerberus-operator literal --topic 'alert' --operation Read --operation Write
grant cerberus-operator literal --topic 'alerting.state' --operation Read --operation Write
grant cerberus-operator literal --topic 'audit' --operation Read --operation Write
grant cerberus-operator literal --topic 'basis.model' --operation Read
grant cerberus-operator literal --topic 'control.breaker' --operation Read --operation Write
grant cerberus-operator literal --topic 'control.kill' --operation Read --operation Write
grant cerberus-operator literal --topic 'control.leader' --operation Read --operation Write
grant cerberus-operator literal --topic 'control.limit' --operation Read --operation Write
grant cerberus-operator literal --topic 'execution.state' --operation Read --operation Write
grant cerberus-operator literal --topic 'feature.value' --operation Read
grant cerberus-operator literal --topic 'fill' --operation Read --operation Write
grant cerberus-operator literal --topic 'hedge.signal' --operation Read
grant cerberus-operator literal --topic 'md.anomaly' --operation Read
grant cerberus-operator literal --topic 'md.bar' --operation Read
grant cerberus-operator literal --topic 'md.book' --operation Read
grant cerberus-operator literal --topic 'md.mark' --operation Read
grant cerberus-operator literal --topic 'md.option-quote' --operation Read
grant cerberus-operator literal --topic 'md.quote' --operation Read
grant cerberus-operator literal --topic 'md.status' --operation Read
grant cerberus-operator literal --topic 'md.trade' --operation Read
grant cerberus-operator literal --topic 'order.decision' --operation Read --operation Write
grant cerberus-operator literal --topic 'order.event' --operation Read --operation Write
grant cerberus-operator literal --topic 'order.request' --operation Read --operation Write
grant cerberus-operator literal --topic 'portfolio.state' --operation Read --operation Write
grant cerberus-operator literal --topic 'position' --operation Read --operation Write
grant cerberus-operator literal --topic 'position.adjustment' --operation Read --operation Write
grant cerberus-operator literal --topic 'pre-trade.state' --operation Read --operation Write
grant cerberus-operator literal --topic 'prediction.value' --operation Read
grant cerberus-operator literal --topic 'ref.instrument' --operation Read --operation Write
grant cerberus-operator literal --topic 'risk.greeks' --operation Read
grant cerberus-operator literal --topic 'risk.metrics' --operation Read
grant cerberus-operator literal --topic 'risk.scenarios' --operation Read
grant cerberus-operator literal --topic 'surface.fit' --operation Read
grant cerberus-operator literal --topic 'tca.report' --operation Read --operation Write
grant cerberus-operator literal --topic 'tca.state' --operation Read --operation Write
grant cerberus-operator literal --topic 'md.quote.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'md.trade.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'md.book.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'md.bar.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'md.mark.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'md.option-quote.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'md.status.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'md.anomaly.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'feature.value.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'surface.fit.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'basis.model.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'prediction.value.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'risk.greeks.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'risk.metrics.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'risk.scenarios.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'hedge.signal.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'order.request.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'order.decision.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'order.event.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'fill.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'position.adjustment.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'position.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'account.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'tca.report.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'alert.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'control.limit.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'control.kill.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'control.breaker.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'control.leader.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'ref.instrument.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'audit.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'pre-trade.state.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'portfolio.state.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'execution.state.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'tca.state.dlq' --operation Read --operation Write
grant cerberus-operator literal --topic 'alerting.state.dlq' --operation Read --operation Write
grant cerberus-operator prefixed --transactional-id 'dlq-' --operation Write --operation Describe
