dnl SPDX-License-Identifier: MIT
dnl DS_MYSQL(PREFIX): the client library where pkg-config knows no mysqlclient: MariaDB's
dnl Connector/C, or what mysql_config tells.  For the FALLBACK of DS_PLUGIN_ARG.
AC_DEFUN([DS_MYSQL], [
	PKG_CHECK_MODULES([$1], [libmariadb], [ds_found="libmariadb by pkg-config"], [
		AC_PATH_PROGS([MYSQL_CONFIG], [mysql_config mariadb_config])
		AS_IF([test -n "$MYSQL_CONFIG"], [
			$1[]_CFLAGS=`$MYSQL_CONFIG --include`
			$1[]_LIBS=`$MYSQL_CONFIG --libs`
			ds_found="by $MYSQL_CONFIG"
		])
	])
])
