/* SPDX-License-Identifier: MIT */
/*
 * Sizes, offsets and values of the plugin interface on LP64, as assertions at
 * compile time: what is here may only be added to.  Also compiled with the frozen
 * headers by test-headers.sh.
 */

#include <defsync/source.h>
#include <defsync/transform.h>

#define SIZE(type, size) _Static_assert(sizeof(struct type) == (size), "size of " #type)
#define AT(type, member, offset)                                                                   \
	_Static_assert(offsetof(struct type, member) == (offset), #type "." #member)
#define VALUE(name, value) _Static_assert((name) == (value), #name)

#if defined(__LP64__)

/* defsync_cell */
SIZE(defsync_cell, 24);
AT(defsync_cell, type, 0);
AT(defsync_cell, reserved, 4);
AT(defsync_cell, v, 8);

/* defsync_column */
SIZE(defsync_column, 32);
AT(defsync_column, name, 0);
AT(defsync_column, native_type, 8);
AT(defsync_column, type, 16);
AT(defsync_column, flags, 20);
AT(defsync_column, digits, 24);
#if DEFSYNC_ABI_MINOR >= 3
AT(defsync_column, from, 28);
#else
AT(defsync_column, reserved, 28);
#endif

/* defsync_relation */
SIZE(defsync_relation, 40);
AT(defsync_relation, struct_size, 0);
AT(defsync_relation, column_size, 4);
AT(defsync_relation, schema, 8);
AT(defsync_relation, name, 16);
AT(defsync_relation, columns, 24);
AT(defsync_relation, n_columns, 32);
AT(defsync_relation, flags, 36);

/* defsync_row */
SIZE(defsync_row, 80);
AT(defsync_row, struct_size, 0);
AT(defsync_row, op, 4);
AT(defsync_row, relation, 8);
AT(defsync_row, cells, 16);
AT(defsync_row, n_cells, 24);
AT(defsync_row, cell_size, 28);
AT(defsync_row, flags, 32);
AT(defsync_row, reserved, 36);
AT(defsync_row, checkpoint, 40);
AT(defsync_row, checkpoint_len, 48);
AT(defsync_row, source_time_us, 56);
AT(defsync_row, position, 64);
AT(defsync_row, position_len, 72);

/* defsync_option */
SIZE(defsync_option, 56);
AT(defsync_option, name, 0);
AT(defsync_option, type, 8);
AT(defsync_option, flags, 12);
AT(defsync_option, default_text, 16);
AT(defsync_option, min, 24);
AT(defsync_option, max, 32);
AT(defsync_option, values, 40);
AT(defsync_option, help, 48);

/* defsync_host */
#if DEFSYNC_ABI_MINOR >= 3
SIZE(defsync_host, 152);
AT(defsync_host, about, 144);
#else
SIZE(defsync_host, 144);
#endif
AT(defsync_host, struct_size, 0);
AT(defsync_host, abi_minor, 4);
AT(defsync_host, ctx, 8);
AT(defsync_host, log, 16);
AT(defsync_host, log_enabled, 24);
AT(defsync_host, fail, 32);
AT(defsync_host, cancelled, 40);
AT(defsync_host, wait, 48);
AT(defsync_host, now_mono_us, 56);
AT(defsync_host, now_wall_us, 64);
AT(defsync_host, option_is_set, 72);
AT(defsync_host, option_string, 80);
AT(defsync_host, option_int, 88);
AT(defsync_host, option_double, 96);
AT(defsync_host, option_count, 104);
AT(defsync_host, option_item, 112);
AT(defsync_host, secret, 120);
AT(defsync_host, report, 128);
AT(defsync_host, count, 136);

/* defsync_request */
#if DEFSYNC_ABI_MINOR >= 1
SIZE(defsync_request, 152);
#else
SIZE(defsync_request, 136);
#endif
AT(defsync_request, struct_size, 0);
AT(defsync_request, mode, 4);
AT(defsync_request, table, 8);
AT(defsync_request, columns, 16);
AT(defsync_request, n_columns, 24);
AT(defsync_request, n_keys, 28);
AT(defsync_request, keys, 32);
AT(defsync_request, watermark, 40);
AT(defsync_request, filter, 48);
AT(defsync_request, initial, 56);
AT(defsync_request, until, 64);
AT(defsync_request, lookback, 72);
AT(defsync_request, null_watermark, 80);
AT(defsync_request, reserved, 84);
AT(defsync_request, checkpoint, 88);
AT(defsync_request, checkpoint_len, 96);
AT(defsync_request, row_limit, 104);
AT(defsync_request, max_wait_ms, 112);
AT(defsync_request, options, 120);
AT(defsync_request, more, 128);
#if DEFSYNC_ABI_MINOR >= 1
AT(defsync_request, lookup, 136);
AT(defsync_request, n_lookup, 144);
AT(defsync_request, cell_size, 148);
#endif

/* defsync_finding */
SIZE(defsync_finding, 32);
AT(defsync_finding, level, 0);
AT(defsync_finding, reserved, 4);
AT(defsync_finding, code, 8);
AT(defsync_finding, text, 16);
AT(defsync_finding, hint, 24);

/* defsync_candidate */
SIZE(defsync_candidate, 32);
AT(defsync_candidate, column, 0);
AT(defsync_candidate, indexed, 8);
AT(defsync_candidate, reserved, 12);
AT(defsync_candidate, filled, 16);
AT(defsync_candidate, note, 24);

/* defsync_table */
SIZE(defsync_table, 72);
AT(defsync_table, struct_size, 0);
AT(defsync_table, candidate_size, 4);
AT(defsync_table, finding_size, 8);
AT(defsync_table, n_candidates, 12);
AT(defsync_table, relation, 16);
AT(defsync_table, kind, 24);
AT(defsync_table, from, 32);
AT(defsync_table, row_estimate, 40);
AT(defsync_table, candidates, 48);
AT(defsync_table, findings, 56);
AT(defsync_table, n_findings, 64);
AT(defsync_table, reserved, 68);

/* defsync_source */
#if DEFSYNC_ABI_MINOR >= 2
SIZE(defsync_source, 192);
AT(defsync_source, pause, 184);
#else
SIZE(defsync_source, 184);
#endif
AT(defsync_source, struct_size, 0);
AT(defsync_source, abi_minor, 4);
AT(defsync_source, caps_required, 8);
AT(defsync_source, caps, 16);
AT(defsync_source, thread_model, 24);
AT(defsync_source, option_size, 28);
AT(defsync_source, options, 32);
AT(defsync_source, table_options, 40);
AT(defsync_source, n_options, 48);
AT(defsync_source, n_table_options, 52);
AT(defsync_source, name, 56);
AT(defsync_source, version, 64);
AT(defsync_source, summary, 72);
AT(defsync_source, home, 80);
AT(defsync_source, load, 88);
AT(defsync_source, create, 96);
AT(defsync_source, destroy, 104);
AT(defsync_source, connect, 112);
AT(defsync_source, disconnect, 120);
AT(defsync_source, discover, 128);
AT(defsync_source, describe, 136);
AT(defsync_source, extract, 144);
AT(defsync_source, next, 152);
AT(defsync_source, end, 160);
AT(defsync_source, ack, 168);
AT(defsync_source, cancel, 176);

/* defsync_transform */
SIZE(defsync_transform, 104);
AT(defsync_transform, struct_size, 0);
AT(defsync_transform, abi_minor, 4);
AT(defsync_transform, caps_required, 8);
AT(defsync_transform, caps, 16);
AT(defsync_transform, option_size, 24);
AT(defsync_transform, n_options, 28);
AT(defsync_transform, options, 32);
AT(defsync_transform, name, 40);
AT(defsync_transform, version, 48);
AT(defsync_transform, summary, 56);
AT(defsync_transform, home, 64);
AT(defsync_transform, create, 72);
AT(defsync_transform, destroy, 80);
AT(defsync_transform, relation, 88);
AT(defsync_transform, apply, 96);

#endif

VALUE(DEFSYNC_OK, 0);
VALUE(DEFSYNC_ROW, 1);
VALUE(DEFSYNC_END, 2);
VALUE(DEFSYNC_IDLE, 3);
VALUE(DEFSYNC_PASS, 10);
VALUE(DEFSYNC_FILTERED, 11);
VALUE(DEFSYNC_EMITTED, 12);
VALUE(DEFSYNC_E_TRANSIENT, -1);
VALUE(DEFSYNC_E_CONFIG, -2);
VALUE(DEFSYNC_E_AUTH, -3);
VALUE(DEFSYNC_E_PERMANENT, -4);
VALUE(DEFSYNC_E_BAD_ROW, -5);
VALUE(DEFSYNC_E_STALE_CHECKPOINT, -6);
VALUE(DEFSYNC_E_CANCELLED, -7);
VALUE(DEFSYNC_E_NOMEM, -8);
VALUE(DEFSYNC_E_BUG, -9);
VALUE(DEFSYNC_NULL, 0);
VALUE(DEFSYNC_BOOL, 1);
VALUE(DEFSYNC_INT64, 2);
VALUE(DEFSYNC_UINT64, 3);
VALUE(DEFSYNC_DOUBLE, 4);
VALUE(DEFSYNC_DECIMAL, 5);
VALUE(DEFSYNC_TEXT, 6);
VALUE(DEFSYNC_BYTES, 7);
VALUE(DEFSYNC_DATE, 8);
VALUE(DEFSYNC_TIME, 9);
VALUE(DEFSYNC_TIMESTAMP, 10);
VALUE(DEFSYNC_TIMESTAMP_LOCAL, 11);
VALUE(DEFSYNC_JSON, 12);
VALUE(DEFSYNC_UUID, 13);
VALUE(DEFSYNC_ANY, 255);
VALUE(DEFSYNC_COLUMN_KEY, 1u);
VALUE(DEFSYNC_COLUMN_WATERMARK, 2u);
VALUE(DEFSYNC_COLUMN_NULLABLE, 4u);
VALUE(DEFSYNC_COLUMN_GENERATED, 8u);
#if DEFSYNC_ABI_MINOR >= 3
VALUE(DEFSYNC_COLUMN_MASKED, 16u);
#endif
VALUE(DEFSYNC_OP_READ, 1);
VALUE(DEFSYNC_OP_INSERT, 2);
VALUE(DEFSYNC_OP_UPDATE, 3);
VALUE(DEFSYNC_OP_DELETE, 4);
VALUE(DEFSYNC_OP_CHECKPOINT, 5);
VALUE(DEFSYNC_ROW_REREAD, 1u);
VALUE(DEFSYNC_ROW_SWEEP, 2u);
VALUE(DEFSYNC_OPTION_STRING, 1);
VALUE(DEFSYNC_OPTION_INT, 2);
VALUE(DEFSYNC_OPTION_BOOL, 3);
VALUE(DEFSYNC_OPTION_DURATION, 4);
VALUE(DEFSYNC_OPTION_SIZE, 5);
VALUE(DEFSYNC_OPTION_ENUM, 6);
VALUE(DEFSYNC_OPTION_LIST, 7);
VALUE(DEFSYNC_OPTION_MAP, 8);
VALUE(DEFSYNC_OPTION_PATH, 9);
VALUE(DEFSYNC_OPTION_SECRET, 10);
VALUE(DEFSYNC_OPTION_IDENTIFIER, 11);
VALUE(DEFSYNC_OPTION_DOUBLE, 12);
VALUE(DEFSYNC_OPTION_REQUIRED, 1u);
VALUE(DEFSYNC_OPTION_DEPRECATED, 2u);
VALUE(DEFSYNC_OPTION_ADVANCED, 4u);
VALUE(DEFSYNC_LOG_ERROR, 1);
VALUE(DEFSYNC_LOG_WARN, 2);
VALUE(DEFSYNC_LOG_INFO, 3);
VALUE(DEFSYNC_LOG_DEBUG, 4);
VALUE(DEFSYNC_TEXT_MAX, 1024);
VALUE(DEFSYNC_CAP_RESUME, UINT64_C(1) << 0);
VALUE(DEFSYNC_CAP_GAPLESS, UINT64_C(1) << 1);
VALUE(DEFSYNC_CAP_DELETES, UINT64_C(1) << 2);
VALUE(DEFSYNC_CAP_SNAPSHOT, UINT64_C(1) << 3);
VALUE(DEFSYNC_CAP_STREAM, UINT64_C(1) << 4);
VALUE(DEFSYNC_CAP_MULTI, UINT64_C(1) << 5);
VALUE(DEFSYNC_CAP_NEEDS_ACK, UINT64_C(1) << 6);
VALUE(DEFSYNC_CAP_CANCEL, UINT64_C(1) << 7);
VALUE(DEFSYNC_CAP_DISCOVER, UINT64_C(1) << 8);
VALUE(DEFSYNC_THREADS_ONE_INSTANCE, 1000);
VALUE(DEFSYNC_THREADS_PARALLEL, 2000);
VALUE(DEFSYNC_READ_INCREMENTAL, 1);
VALUE(DEFSYNC_READ_SNAPSHOT, 2);
VALUE(DEFSYNC_READ_STREAM, 3);
#if DEFSYNC_ABI_MINOR >= 1
VALUE(DEFSYNC_CAP_KEYS, UINT64_C(1) << 9);
VALUE(DEFSYNC_READ_KEYS, 4);
#endif
#if DEFSYNC_ABI_MINOR >= 2
VALUE(DEFSYNC_CAP_POSITION, UINT64_C(1) << 10);
#endif
VALUE(DEFSYNC_NULLS_ERROR, 1);
VALUE(DEFSYNC_NULLS_EVERY_RUN, 2);
VALUE(DEFSYNC_NULLS_EXCLUDE, 3);
VALUE(DEFSYNC_FINDING_ERROR, 1);
VALUE(DEFSYNC_FINDING_WARN, 2);
VALUE(DEFSYNC_FINDING_NOTE, 3);
VALUE(DEFSYNC_TIME_NONE, INT64_MIN);
VALUE(DEFSYNC_ABI_MAJOR, 1);

int main(void)
{
	(void)printf("1..1\nok 1 - the layout is that of ABI 1.0, 1.1 and 1.2\n");
	return 0;
}
