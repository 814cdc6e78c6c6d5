# SPDX-License-Identifier: MIT
# The core: a static library, so that tests link the same objects, and a small
# main.

noinst_LIBRARIES += libdefsync-core.a

base_sources = \
	core/base/arena.c core/base/arena.h \
	core/base/buf.c core/base/buf.h \
	core/base/clock.c core/base/clock.h \
	core/base/error.c core/base/error.h \
	core/base/failpoint.c core/base/failpoint.h \
	core/base/file-trust.c \
	core/base/file.c core/base/file.h \
	core/base/host.c core/base/host.h \
	core/base/limits.h \
	core/base/log-escape.c core/base/log-escape.h \
	core/base/log.c core/base/log.h \
	core/base/num-write.c \
	core/base/num.c core/base/num.h \
	core/base/random.c core/base/random.h \
	core/base/secrets-forms.c core/base/secrets-forms.h \
	core/base/secrets.c core/base/secrets.h \
	core/base/suggest.c core/base/suggest.h

config_sources = \
	core/config/build.h \
	core/config/config-adhoc.c \
	core/config/config-bind.c \
	core/config/config-check.c \
	core/config/config-deletes.c \
	core/config/config-dlq.c \
	core/config/config-find.c \
	core/config/config-load.c \
	core/config/config-sections.c \
	core/config/config-source.c \
	core/config/config-table.c core/config/config-table.h \
	core/config/config-tables.c \
	core/config/expand.c core/config/expand.h \
	core/config/model.h \
	core/config/option-value.c core/config/option-value.h \
	core/config/options-check.c \
	core/config/options-help.c \
	core/config/options-unknown.c \
	core/config/options.c core/config/options.h \
	core/config/problems.c core/config/problems.h \
	core/config/tree.c core/config/tree.h

row_sources = \
	core/row/base64.c core/row/base64.h \
	core/row/cell-time.c core/row/cell-time.h \
	core/row/cell.c core/row/cell.h \
	core/row/encoder.c core/row/encoder.h \
	core/row/fault.c core/row/fault.h \
	core/row/hash.c core/row/hash.h \
	core/row/json-check.c core/row/json-check.h \
	core/row/json-members.c core/row/json-members.h \
	core/row/json-string.c core/row/json-string.h \
	core/row/utf8.c core/row/utf8.h

plugin_sources = \
	core/plugin/adopt.c core/plugin/adopt.h \
	core/plugin/chain-apply.c \
	core/plugin/chain-veil.c \
	core/plugin/chain.c core/plugin/chain.h \
	core/plugin/facts.c core/plugin/facts.h \
	core/plugin/guard.c core/plugin/guard.h \
	core/plugin/host.c core/plugin/host.h \
	core/plugin/loader.c core/plugin/loader.h \
	core/plugin/relation-check.c \
	core/plugin/row-check.c core/plugin/row-check.h \
	core/plugin/search.c core/plugin/search.h \
	core/plugin/source-read.c \
	core/plugin/source.c core/plugin/source.h \
	core/plugin/stage.h \
	core/plugin/table-check.c

store_sources = \
	core/store/store-commit.c \
	core/store/store-dead.c \
	core/store/store-file.c \
	core/store/store-hosts.c \
	core/store/store-internal.h \
	core/store/store-keys.c \
	core/store/store-ledger.c \
	core/store/store-lock.c \
	core/store/store-outbox.c \
	core/store/store-recent.c \
	core/store/store-run.c \
	core/store/store-schema.c \
	core/store/store-shape.c \
	core/store/store-sql.c \
	core/store/store-table.c \
	core/store/store.c core/store/store.h

push_sources = \
	core/push/aws-container.c \
	core/push/aws-internal.h \
	core/push/aws-profile.c \
	core/push/aws.c core/push/aws.h \
	core/push/backoff.c core/push/backoff.h \
	core/push/batch-internal.h \
	core/push/batch-rows.c \
	core/push/batch.c core/push/batch.h \
	core/push/bisect.c core/push/bisect.h \
	core/push/classify.c core/push/classify.h \
	core/push/complaint.c core/push/complaint.h \
	core/push/exchange.c core/push/exchange.h \
	core/push/gzip.c core/push/gzip.h \
	core/push/http-head.c core/push/http-head.h \
	core/push/http-setup.c core/push/http-setup.h \
	core/push/http.c core/push/http.h \
	core/push/learn.c core/push/learn.h \
	core/push/limit.c core/push/limit.h \
	core/push/named.c core/push/named.h \
	core/push/part.c core/push/part.h \
	core/push/push-divide.c \
	core/push/push-internal.h \
	core/push/push-partial.c \
	core/push/push-send.c \
	core/push/push-verdict.c \
	core/push/push.c core/push/push.h \
	core/push/push-submit.c \
	core/push/rate.c core/push/rate.h \
	core/push/reply-rows.c core/push/reply-rows.h \
	core/push/reply.c core/push/reply.h \
	core/push/sqs-message.c core/push/sqs-message.h \
	core/push/sqs-reply.c core/push/sqs-reply.h \
	core/push/sqs.c core/push/sqs.h

sync_sources = \
	core/sync/cdc.c core/sync/cdc.h \
	core/sync/commit.c \
	core/sync/deletes-lookup.c \
	core/sync/deletes-scan.c \
	core/sync/deletes-send.c \
	core/sync/deletes-verify.c \
	core/sync/deletes.c core/sync/deletes.h \
	core/sync/drift.c core/sync/drift.h \
	core/sync/forward.c core/sync/forward.h \
	core/sync/gate-news.c \
	core/sync/gate.c core/sync/gate.h \
	core/sync/key-set.c core/sync/key-set.h \
	core/sync/key.c core/sync/key.h \
	core/sync/learnt.c \
	core/sync/letter-key.c core/sync/letter-key.h \
	core/sync/letters.c core/sync/letters.h \
	core/sync/names.c core/sync/names.h \
	core/sync/prefix.c core/sync/prefix.h \
	core/sync/project.c core/sync/project.h \
	core/sync/reader-batch.c core/sync/reader-batch.h \
	core/sync/reader-row.c \
	core/sync/reader.c \
	core/sync/replay-keys.c \
	core/sync/replay-stored.c \
	core/sync/replay.c core/sync/replay.h \
	core/sync/run-internal.h \
	core/sync/run-result.c \
	core/sync/run.c core/sync/run.h \
	core/sync/sink.c \
	core/sync/table-run.c core/sync/table-run.h

cli_sources = \
	core/cli/args.c core/cli/args.h \
	core/cli/check-api.c \
	core/cli/check-sources.c \
	core/cli/check.c core/cli/check.h \
	core/cli/cmd-check.c \
	core/cli/cmd-dlq-export.c \
	core/cli/cmd-dlq-list.c \
	core/cli/cmd-dlq-replay.c \
	core/cli/cmd-dlq.c \
	core/cli/cmd-plugins.c \
	core/cli/cmd-preview.c \
	core/cli/cmd-run.c \
	core/cli/cmd-state-batches.c \
	core/cli/cmd-state-move.c \
	core/cli/cmd-state.c \
	core/cli/cmd-status.c \
	core/cli/cmd-version.c \
	core/cli/cmd-view.c \
	core/cli/command.c core/cli/command.h \
	core/cli/cmd-discover.c \
	core/cli/context-expand.c \
	core/cli/describe.c core/cli/describe.h \
	core/cli/discover.c core/cli/discover.h \
	core/cli/context-select.c \
	core/cli/context-store.c \
	core/cli/context.c core/cli/context.h \
	core/cli/dlq-filter.c core/cli/dlq-filter.h \
	core/cli/dlq-letter.c \
	core/cli/grid.c \
	core/cli/help.c core/cli/help.h \
	core/cli/job.c core/cli/job.h \
	core/cli/listing.c core/cli/listing.h \
	core/cli/output.c core/cli/output.h \
	core/cli/plugin-facts.c core/cli/plugin-facts.h \
	core/cli/publish.c core/cli/publish.h \
	core/cli/report.c core/cli/report.h \
	core/cli/signals.c core/cli/signals.h \
	core/cli/state-tables.c core/cli/state-tables.h \
	core/cli/view-sql.c core/cli/view-sql.h

libdefsync_core_a_SOURCES = $(base_sources) $(config_sources) $(row_sources) $(plugin_sources) \
	$(store_sources) $(push_sources) $(sync_sources) $(cli_sources)

bin_PROGRAMS += defsync
defsync_SOURCES = core/main.c
defsync_LDADD = $(CORE_LIBS)
