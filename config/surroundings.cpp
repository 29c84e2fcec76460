// What the configuration points at: directories, key files and certificates.
#include "checks.hpp"

#include "runtime/clock.hpp"
#include "runtime/tls.hpp"
#include "runtime/tokens.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace ros::config {

namespace {

constexpr unsigned recommended_bits = 2048;

bool may(const std::string& path, int mode) {
  return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
}

bool is_directory(const std::string& path) {
  struct stat s {};
  return ::stat(path.c_str(), &s) == 0 && S_ISDIR(s.st_mode);
}

void check_root(load_result& r) {
  const std::string key = "storage.root_path";
  const auto& path = r.value.storage.root_path;
  const auto refuse = [&](const std::string& reason) {
    complain(r, severity::error, key, reason + "; --root names another directory");
  };
  struct stat s {};
  if (path.empty() || is_refused(r, key))
    return;
  if (::stat(path.c_str(), &s) != 0)
    refuse(path + ": " + std::strerror(errno) + " (it must exist already)");
  else if (!S_ISDIR(s.st_mode))
    refuse(path + " is not a directory");
  else if (!may(path, R_OK | W_OK | X_OK))
    refuse(path + " must be readable, writable and searchable");
}

/// False if this file cannot be read at all.
bool check_key_file(load_result& r, const std::string& path, const char* key, const char* option) {
  if (path.empty() || is_refused(r, key))
    return false;
  if (may(path, R_OK) && !is_directory(path))
    return true;
  const auto why = is_directory(path) ? "is a directory" : std::strerror(errno);
  complain(r, severity::error, key,
           path + " cannot be read: " + why + "; " + option + " names another file");
  return false;
}

void check_keys(load_result& r) {
  const auto& a = r.value.auth;
  const bool pub = check_key_file(r, a.public_key_path, "auth.public_key_path", "--public-key");
  const bool priv = check_key_file(r, a.private_key_path, "auth.private_key_path", "--private-key");
  if (pub) {
    if (const auto half = runtime::key_pair::public_from_file(a.public_key_path); !half)
      return complain(r, severity::error, "auth.public_key_path",
                      half.error().message + "; --public-key names another file");
    else if (half->bits() < recommended_bits)
      complain(r, severity::warning, "auth.public_key_path",
               "the key has only " + std::to_string(half->bits()) + " bits, use " +
                   std::to_string(recommended_bits) + " or more");
  }
  if (!pub || !priv)
    return;
  if (const auto pair = runtime::key_pair::from_files(a.private_key_path, a.public_key_path); !pair)
    return complain(r, severity::error, "auth.private_key_path",
                    pair.error().message + "; --private-key and --public-key name other files");
  struct stat s {};
  if (::stat(a.private_key_path.c_str(), &s) == 0 && (s.st_mode & S_IROTH) != 0)
    complain(r, severity::warning, "auth.private_key_path",
             a.private_key_path + " can be read by every user of this machine");
}

/// Certificate and key of the HTTPS proxy (2.7).
void check_certificate(load_result& r) {
  const auto& proxy = r.value.proxy;
  const std::string certificate_key = "proxy.https.certificate_path";
  if (!proxy.https_enable || proxy.https_certificate_path.empty() ||
      proxy.https_private_key_path.empty())
    return;
  const auto identity =
      runtime::tls_identity::from_files(proxy.https_certificate_path, proxy.https_private_key_path);
  if (!identity) {
    const bool of_key = identity.error().which == runtime::tls_error::part::key;
    return complain(r, severity::error, of_key ? "proxy.https.private_key_path" : certificate_key,
                    identity.error().message);
  }
  if ((*identity)->is_self_signed() && !proxy.https_allow_self_signed)
    complain(r, severity::error, certificate_key,
             proxy.https_certificate_path + " is self-signed, which clients do not accept");
  if ((*identity)->expires_s() * 1000 < runtime::system_clock().unix_ms())
    complain(r, severity::warning, certificate_key, proxy.https_certificate_path + " has expired");
}

void check_log(load_result& r) {
  const std::string key = "logging.path";
  const auto& path = r.value.logging.path;
  if (path.empty() || is_refused(r, key))
    return;
  const auto slash = path.rfind('/');
  const auto directory = slash == std::string::npos ? "."
                         : slash == 0               ? "/"
                                                    : path.substr(0, slash);
  if (is_directory(path))
    complain(r, severity::error, key, path + " is a directory, not a file");
  else if (!is_directory(directory))
    complain(r, severity::error, key, "there is no directory " + directory);
  else if (may(path, F_OK) ? !may(path, W_OK) : !may(directory, W_OK | X_OK))
    complain(r, severity::error, key, path + " cannot be written");
}

} // namespace

void check_surroundings(load_result& r) {
  check_root(r);
  check_keys(r);
  check_certificate(r);
  check_log(r);
  check_provider_files(r);
  sort_problems(r);
}

} // namespace ros::config
