#include "identification.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace ros::sync {

namespace {

using refusal = std::optional<error>;

error refuse(int code, std::string text) {
  return {ec::bad_cursor, std::move(text), code};
}

/// Compacted history serves only those who need nothing below the horizon, and
/// those who start at the beginning without having contributed anything. A live file
/// has kept the horizon from passing it.
bool is_lost(const identification& client, const identifying_realm& realm) {
  if (realm.file->live && !realm.file->expired)
    return false;
  const version_type needed =
      std::min(client.download.server_version, realm.file->progress.last_integrated_server_version);
  const bool fresh =
      client.download.server_version == 0 && realm.file->progress.client_version == 0;
  return needed < realm.horizon && !fresh;
}

refusal check_file(const identification& client, const identifying_realm& realm) {
  if (client.latest.version > realm.head)
    return refuse(209, "the server does not know this server version");
  if (client.file.ident == server_file_ident)
    return refuse(211, "the server's own client file has no salt");
  if (!realm.file || client.file.ident == 0)
    return refuse(208, "unknown client file");
  if (client.file.salt != realm.file->salt)
    return refuse(211, "the client file's salt differs");
  if (client.user_id != realm.file->user_id)
    return refuse(223, "the client file belongs to another user");
  return std::nullopt;
}

refusal check_download(const identification& client, const identifying_realm& realm) {
  const version_type version = client.download.server_version;
  if (version < realm.file->progress.last_integrated_server_version)
    return refuse(209, "download version lies before acknowledged history");
  if (is_lost(client, realm))
    return refuse(222, "the client file was away too long");
  if (version > realm.head)
    return refuse(209, "download version lies behind the server's history");
  if (client.download.last_integrated_client_version > realm.file->progress.client_version)
    return refuse(210, "the server does not know this client version");
  if (client.latest.version < version)
    return refuse(209, "latest version lies before download version");
  return std::nullopt;
}

} // namespace

result<void> check_identification(const identification& client, const identifying_realm& realm) {
  if (auto r = check_file(client, realm))
    return *r;
  if (auto r = check_download(client, realm))
    return *r;
  salt_type expected = 0;
  if (client.latest.version != 0) {
    auto salt = realm.salt_of(client.latest.version);
    if (!salt)
      return salt.error();
    expected = *salt;
  }
  if (client.latest.salt != expected)
    return refuse(211, "the histories have diverged");
  return {};
}

} // namespace ros::sync
