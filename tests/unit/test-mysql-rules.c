/* SPDX-License-Identifier: MIT */
/* The mysql source: what a server tells about itself, and what follows from it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "my.h"

#define LIST "Trx id counter 21\nLIST OF TRANSACTIONS FOR EACH SESSION:\n"
#define REST "--------\nFILE I/O\n--------\nEND OF INNODB MONITOR OUTPUT\n===\n"

/* What SHOW ENGINE INNODB STATUS tells about transactions. */
static void test_monitor(void **state)
{
	static const struct {
		const char *text;
		bool whole;
		int64_t seconds;
		unsigned long thread;
		bool detached;
	} cases[] = {
	    {LIST REST, true, -1, 0, false},
	    {LIST "---TRANSACTION (0x7f), not started\n0 lock struct(s)\n" REST, true, -1, 0,
	     false},
	    {LIST "---TRANSACTION 24, ACTIVE 17 sec\n2 lock struct(s)\nMariaDB thread id 9, OS "
		  "thread handle 1\n" REST,
	     true, 17, 9, false},
	    {LIST "---TRANSACTION 24, ACTIVE 3 sec inserting\nMySQL thread id 8, OS\n"
		  "---TRANSACTION 25, ACTIVE 0 sec\nMySQL thread id 9, OS\n" REST,
	     true, 3, 8, false},
	    {LIST "---TRANSACTION 25, ACTIVE 1 sec\nMySQL thread id 9, OS\n"
		  "---TRANSACTION 24, ACTIVE (PREPARED) 30 sec\n1 lock struct(s)\n" REST,
	     true, 30, 0, true},
	    {LIST "---TRANSACTION 24, ACTIVE 12 sec recovered trx\n" REST, true, 12, 0, true},
	    {LIST "---TRANSACTION 24, ACTIVE 0 sec\n" REST, true, 0, 0, false},
	    /* Just now on its way. */
	    {LIST "---TRANSACTION 24, COMMITTED IN MEMORY\nMySQL thread id 9, OS\n" REST, false, 0,
	     0, false},
	    {LIST "---TRANSACTION 24, ACTIVE since long\n" REST, false, 0, 0, false},
	    /* Cut, or without the list. */
	    {LIST "... truncated...\n---TRANSACTION 25, ACTIVE 1 sec\nMySQL thread id 9\n" REST,
	     false, 0, 0, false},
	    {LIST "---TRANSACTION 25, ACTIVE 1 sec\nMySQL thread id 9, OS\n", false, 0, 0, false},
	    {"FAIL TO OBTAIN LOCK MUTEX, SKIP LOCK INFO PRINTING\n" REST, false, 0, 0, false},
	    {"", false, 0, 0, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct my_monitor m;
		bool whole = my_monitor_read(cases[i].text, &m);

		if (whole != cases[i].whole ||
		    (whole && (m.seconds != cases[i].seconds || m.thread != cases[i].thread ||
			       m.detached != cases[i].detached)))
			fail_msg("case %zu: %d, %lld s of %lu, %d", i, whole, (long long)m.seconds,
				 m.thread, m.detached);
	}
}

/* Whose nodes commit what this one cannot see. */
static void test_clusters(void **state)
{
	static const struct {
		const char *on, *address, *group;
		const char *cluster;
	} cases[] = {
	    {"", "", "", NULL},
	    {"OFF", "", "", NULL},
	    {"OFF", "gcomm://a,b", "", NULL},
	    {"ON", "", "", NULL},
	    {"ON", "gcomm://", "", "Galera"},
	    {"on", "gcomm://10.0.0.1,10.0.0.2", "", "Galera"},
	    {"1", "gcomm://a", "", "Galera"},
	    {"", "", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "group replication"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *cluster = my_cluster_of(cases[i].on, cases[i].address, cases[i].group);

		if (!cluster != !cases[i].cluster ||
		    (cluster && strcmp(cluster, cases[i].cluster) != 0))
			fail_msg("case %zu: %s", i, cluster ? cluster : "none");
	}
}

/* Engines with transactions of their own. */
static void test_engines(void **state)
{
	(void)state;
	assert_true(my_engine_is_seen("InnoDB"));
	assert_true(my_engine_is_seen("innodb"));
	assert_true(my_engine_is_seen("MyISAM"));
	assert_true(my_engine_is_seen("Aria"));
	assert_true(my_engine_is_seen(""));
	assert_false(my_engine_is_seen("ROCKSDB"));
	assert_false(my_engine_is_seen("ndbcluster"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_monitor),
	    cmocka_unit_test(test_clusters),
	    cmocka_unit_test(test_engines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
