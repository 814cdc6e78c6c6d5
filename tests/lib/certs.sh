# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Certificates for tests of TLS.  Sourced.
#
# make_certs DIR fills DIR with, all of them PEM:
#   ca.pem                          the authority to trust
#   server.pem server.key           localhost, 127.0.0.1, ::1
#   wrong-host.pem wrong-host.key   another name
#   expired.pem expired.key         for localhost, until 2020
#   other-ca.pem                    an authority that signed none of these
#   unknown.pem unknown.key         for localhost, signed by that one
#   client.pem client.key           of a client
#   foreign-client.pem, .key        of one that the other authority knows
# It prints nothing; what openssl said is in DIR/openssl.log.

# certs_authority DIR NAME
certs_authority() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-keyout "$1/$2.key" -out "$1/$2.pem" -days 30 -subj "/CN=defsync test $2" \
		-addext keyUsage=critical,keyCertSign,cRLSign
}

# certs_config DIR: a small authority, since only "openssl ca" takes both ends of a
# certificate's life in every version.
certs_config() {
	cat >"$1/ca.conf" <<-EOF
		[ca]
		default_ca = test
		[test]
		database = $1/index.txt
		new_certs_dir = $1
		rand_serial = yes
		default_md = sha256
		policy = any
		unique_subject = no
		[any]
		commonName = supplied
	EOF
	: >"$1/index.txt"
}

# certs_issue DIR NAME CA SUBJECT_ALT_NAMES START END [USAGE]
certs_issue() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-keyout "$1/$2.key" -out "$1/$2.csr" -subj "/CN=$2" -config /dev/null &&
		printf 'subjectAltName = %s\nextendedKeyUsage = %s\n' "$4" "${7:-serverAuth}" \
			>"$1/$2.ext" &&
		openssl ca -batch -notext -config "$1/ca.conf" -cert "$1/$3.pem" \
			-keyfile "$1/$3.key" -in "$1/$2.csr" -out "$1/$2.pem" \
			-extfile "$1/$2.ext" -startdate "$5" -enddate "$6"
}

# make_certs DIR
make_certs() {
	# Fixed dates: nothing here depends on the clock but the authorities.
	certs_start=20240101000000Z
	certs_end=20490101000000Z
	certs_here='DNS:localhost,IP:127.0.0.1,IP:::1'
	mkdir -p "$1" || return 1
	{
		certs_config "$1" &&
			certs_authority "$1" ca &&
			certs_authority "$1" other-ca &&
			certs_issue "$1" server ca "$certs_here" "$certs_start" "$certs_end" &&
			certs_issue "$1" wrong-host ca DNS:elsewhere.example "$certs_start" \
				"$certs_end" &&
			certs_issue "$1" expired ca "$certs_here" 20190101000000Z \
				20200101000000Z &&
			certs_issue "$1" unknown other-ca "$certs_here" "$certs_start" \
				"$certs_end" &&
			certs_issue "$1" client ca DNS:client.example "$certs_start" \
				"$certs_end" clientAuth &&
			certs_issue "$1" foreign-client other-ca DNS:client.example \
				"$certs_start" "$certs_end" clientAuth
	} >"$1/openssl.log" 2>&1
}
