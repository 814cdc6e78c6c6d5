# SPDX-License-Identifier: MIT
# The core: a static library, so that tests link the same objects, and a small
# main.

noinst_LIBRARIES += libdefsync-core.a

base_sources = \
	core/base/arena.c core/base/arena.h \
	core/base/buf.c core/base/buf.h \
	core/base/clock.c core/base/clock.h \
	core/base/error.c core/base/error.h \
	core/base/failpoint.h \
	core/base/file-trust.c \
	core/base/file.c core/base/file.h \
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
	core/config/expand.h \
	core/config/model.h \
	core/config/options.h \
	core/config/problems.h \
	core/config/tree.h

row_sources = \
	core/row/base64.c core/row/base64.h \
	core/row/cell-time.c core/row/cell-time.h \
	core/row/cell.c core/row/cell.h \
	core/row/encoder.c core/row/encoder.h \
	core/row/fault.c core/row/fault.h \
	core/row/hash.c core/row/hash.h \
	core/row/json-check.c core/row/json-check.h \
	core/row/json-string.c core/row/json-string.h \
	core/row/utf8.c core/row/utf8.h

plugin_sources = \
	core/plugin/chain.h \
	core/plugin/host.h \
	core/plugin/loader.h \
	core/plugin/source.h

store_sources = \
	core/store/store.h

push_sources = \
	core/push/backoff.c core/push/backoff.h \
	core/push/batch.c core/push/batch.h \
	core/push/classify.c core/push/classify.h \
	core/push/http.h \
	core/push/push.h \
	core/push/reply.c core/push/reply.h

sync_sources = \
	core/sync/prefix.h \
	core/sync/run.h

libdefsync_core_a_SOURCES = $(base_sources) $(config_sources) $(row_sources) $(plugin_sources) $(store_sources) \
	$(push_sources) $(sync_sources)
