#!/usr/bin/env bash
# Builds the server and starts it with everything a first try needs, kept below
# .realm-object-server/. Arguments go to the server, e.g. --set logging.level=debug.
#   ROS_HOME  where data, keys and configuration live (default ./.realm-object-server)
#   ROS_PORT  the public port (default 9080)
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-packages.sh build
cmake --preset release >/dev/null
cmake --build --preset release --target realm-object-server

home=${ROS_HOME:-$PWD/.realm-object-server}
port=${ROS_PORT:-9080}
mkdir -p "$home/root" "$home/keys"
if [[ ! -f $home/keys/token-signature.key ]]; then
  (umask 077 && openssl genrsa -out "$home/keys/token-signature.key" 2048 2>/dev/null)
  openssl rsa -in "$home/keys/token-signature.key" -pubout -out "$home/keys/token-signature.pub" 2>/dev/null
fi
if [[ ! -f $home/configuration.yml ]]; then
  cat > "$home/configuration.yml" <<YAML
# Development configuration, written once by scripts/run.sh; edit it freely.
storage:
  root_path: '$home/root'
auth:
  public_key_path: '$home/keys/token-signature.pub'
  private_key_path: '$home/keys/token-signature.key'
  admin_token_path: '$home/keys/admin_token.base64'
app_services:
  # Every logged-in user may read and write every partition. For development only.
  partition_default: write
YAML
fi

ports=$home/root/ports.json
rm -f "$ports"
build/release/bin/realm-object-server -c "$home/configuration.yml" \
  --set "proxy.http.listen_port=$port" "$@" &
server=$!
trap 'kill -TERM $server 2>/dev/null' INT TERM

until [[ -f $ports ]] && actual=$(sed -n 's/.*"proxy_http": *\([0-9]*\).*/\1/p' "$ports") &&
  curl -fsS -o /dev/null "http://127.0.0.1:$actual/health" 2>/dev/null; do
  kill -0 $server 2>/dev/null || { wait $server; exit $?; }
  sleep 0.1
done
cat <<TEXT

Realm Object Server is running: http://127.0.0.1:$actual   (stop it with Ctrl-C)
Admin token: $home/keys/admin_token.base64

Connect a Realm SDK, here JavaScript:

  const app = new Realm.App({ id: "my-app", baseUrl: "http://127.0.0.1:$actual" });
  const user = await app.logIn(Realm.Credentials.anonymous());
  const realm = await Realm.open({ schema, sync: { user, partitionValue: "shared" } });

TEXT
# A trapped signal ends the first wait early; the second one gets the exit status.
wait $server || true
wait $server 2>/dev/null
