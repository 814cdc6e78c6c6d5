/* SPDX-License-Identifier: MIT */
/* Every limit on what comes from outside, in one place. */

#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* Configuration */
#define LIMIT_CONFIG_BYTES (1024 * 1024) /* one file */
#define LIMIT_CONFIG_DEPTH 16		 /* nesting of YAML */
#define LIMIT_CONFIG_INCLUDES 64
#define LIMIT_CONFIG_ERRORS 50 /* reported at once */
#define LIMIT_SECRET_FILE_BYTES (64 * 1024)
#define LIMIT_SECRETS 256

/* Plugins and rows */
#define LIMIT_CHECKPOINT_BYTES 4096
#define LIMIT_POSITION_BYTES 512
#define LIMIT_KNOWN_KEY_BYTES (64 * 1024) /* a longer key is not watched by detect_deletes */
#define LIMIT_COLUMNS 4096
#define LIMIT_NAME_BYTES 1024		      /* schema, table, column */
#define LIMIT_CELL_BYTES (1024 * 1024 * 1024) /* one cell: beyond it the plugin is wrong */
#define LIMIT_OPTIONS 256		      /* of one plugin */
#define LIMIT_FACTS 64			      /* names that a plugin reports or counts */
#define LIMIT_EMIT_ROWS 50000		      /* rows that a transform chain makes of one */
#define LIMIT_EMIT_BYTES (256 * 1024 * 1024)  /* their cells and bytes */

/* The Stream API */
#define LIMIT_BATCH_ROWS 50000
#define LIMIT_BATCH_BYTES 10000000
#define LIMIT_FIELD_BYTES 1000000
#define LIMIT_NESTING 10 /* the row object is level 1 */
#define LIMIT_REPLY_BYTES (1024 * 1024)
#define LIMIT_REPLY_HEADER_BYTES (64 * 1024)
#define LIMIT_MESSAGE_BYTES 1024 /* what is kept of an error text */
#define LIMIT_RETRY_AFTER_MS (5 * 60 * 1000)

/* AWS */
#define LIMIT_EXCHANGE_BYTES (64 * 1024)  /* a reply of SQS or of a service for credentials */
#define LIMIT_AWS_FILE_BYTES (256 * 1024) /* ~/.aws/credentials, ~/.aws/config */
#define LIMIT_SQS_BYTES 262144		  /* one message */
#define LIMIT_SQS_ROWS 1000		  /* dead letters in it */

/* Store */
#define LIMIT_DEAD_PAYLOAD_BYTES (64 * 1024 * 1024)
#define LIMIT_SHAPE_BYTES (64 * 1024 * 1024) /* the columns of a table */

#endif
