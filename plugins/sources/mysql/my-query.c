/* SPDX-License-Identifier: MIT */
/* Small statements about the server and its catalog, in the text protocol. */

#include "common/ident.h"
#include "my.h"

const char *my_text(const char *value)
{
	return value ? value : "";
}

void my_literal(struct text *out, const char *value)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p;

	text_str(out, "_utf8mb4 X'");
	for (p = (const unsigned char *)value; *p; p++) {
		text_char(out, digits[*p >> 4]);
		text_char(out, digits[*p & 15]);
	}
	text_char(out, '\'');
}

const char *my_quoted(struct pool *pool, const char *schema, const char *name)
{
	struct text t;
	const char *out = NULL;

	text_init(&t, 2048);
	if (schema) {
		ident_quote(&t, schema, '`');
		text_char(&t, '.');
	}
	ident_quote(&t, name, '`');
	if (text_ok(&t))
		out = pool_strdup(pool, text_get(&t));
	text_done(&t);
	return out;
}

int32_t my_exec(struct my_source *s, const char *doing, const char *sql)
{
	return mysql_query(s->db, sql) == 0 ? 0 : my_fail(s, doing, sql);
}

int32_t my_query(struct my_source *s, const char *subject, const struct text *sql, MYSQL_RES **ret)
{
	MYSQL_RES *res;

	if (!text_ok(sql))
		return reader_fail_nomem(&s->reader);
	if (mysql_real_query(s->db, text_get(sql), (unsigned long)sql->len) != 0)
		return my_fail(s, "cannot ask the server about", subject);
	res = mysql_store_result(s->db);
	if (!res)
		return my_fail(s, "cannot ask the server about", subject);
	*ret = res;
	return 0;
}
