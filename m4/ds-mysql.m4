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

dnl DS_MYSQL_FEATURES(PREFIX): what the client library's header has.  Options are members
dnl of an enum, which the preprocessor does not see.  Sets MYSQL_FEATURES for the compiler.
AC_DEFUN([DS_MYSQL_FEATURES], [
	MYSQL_FEATURES=
	ds_save_CPPFLAGS=$CPPFLAGS
	CPPFLAGS="$CPPFLAGS $$1[]_CFLAGS"
	m4_foreach([ds_pair], [
			[[MYSQL_OPT_SSL_MODE], [SSL_MODE]],
			[[MYSQL_OPT_GET_SERVER_PUBLIC_KEY], [PUBLIC_KEY]],
			[[MARIADB_OPT_RESTRICTED_AUTH], [RESTRICTED_AUTH]],
			[[mysql_real_connect_start], [NONBLOCKING]],
			[[mysql_get_socket], [GET_SOCKET]]],
		[DS_MYSQL_FEATURE(ds_pair)])
	CPPFLAGS=$ds_save_CPPFLAGS
	AC_SUBST([MYSQL_FEATURES])
])

dnl DS_MYSQL_FEATURE(NAME, FEATURE)
AC_DEFUN([DS_MYSQL_FEATURE], [
	AC_CHECK_DECL([$1], [AS_VAR_APPEND([MYSQL_FEATURES], [" -DMY_HAVE_$2=1"])], [],
		[[#include <mysql.h>]])
])
