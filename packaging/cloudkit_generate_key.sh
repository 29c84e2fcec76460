#!/bin/sh
# Makes the key with which the server asks CloudKit who a user is (provider "cloudkit").
# Writes the private key to cloudkit_eckey.pem in the current directory and prints the public
# key as one line of base64, to be entered in Apple's CloudKit dashboard. Needs openssl only.
set -eu

key=cloudkit_eckey.pem
if [ -e "$key" ] || [ -L "$key" ]; then
  echo "$0: $key exists already, and is left as it is" >&2
  exit 1
fi
umask 077
# Complete or not there at all.
new=$(mktemp "./.$key.XXXXXX")
trap 'rm -f "$new"' EXIT HUP INT TERM
openssl ecparam -name prime256v1 -genkey -noout -out "$new"
chmod 0600 "$new"
ln "$new" "$key" # fails if somebody else was faster
public=$(openssl ec -in "$key" -pubout -outform DER 2>/dev/null | openssl base64 -A)
printf '%s\n' "$public"
