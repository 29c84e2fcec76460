#include "tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

namespace ros::runtime {

namespace {

struct free_context {
  void operator()(SSL_CTX* x) const { SSL_CTX_free(x); }
};
using context_ptr = std::unique_ptr<SSL_CTX, free_context>;

/// What OpenSSL complains of, as an operator would say it.
std::string reason() {
  std::string text = "unknown reason";
  while (const auto code = ERR_get_error()) {
    const auto what = ERR_GET_REASON(code);
    if (ERR_SYSTEM_ERROR(code)) {
      text = std::strerror(what);
      break;
    }
    if (ERR_GET_LIB(code) == ERR_LIB_PEM && what == PEM_R_NO_START_LINE) {
      text = "there is nothing of that kind in PEM form in it";
      break;
    }
    if (ERR_GET_LIB(code) == ERR_LIB_OSSL_DECODER && what == ERR_R_UNSUPPORTED) {
      text = "there is no private key in PEM form in it";
      break;
    }
    if (const auto* given = ERR_reason_error_string(code))
      text = given;
  }
  ERR_clear_error();
  return text;
}

/// HTTP/1.1 is all that is spoken here; clients that offer only other protocols are refused
/// by what they say next.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr std::array<unsigned char, 9> spoken{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, out_size, spoken.data(), spoken.size(), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = found;
  return SSL_TLSEXT_ERR_OK;
}

/// A key with a passphrase must not make the server ask for it on its terminal.
int no_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return 0;
}

context_ptr make_context() {
  context_ptr context{SSL_CTX_new(TLS_server_method())};
  if (!context)
    return nullptr;
  auto* x = context.get();
  SSL_CTX_set_min_proto_version(x, TLS1_2_VERSION);
  SSL_CTX_set_options(x, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                             SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Idle connections keep no record buffers; a write may be repeated from another place.
  SSL_CTX_set_mode(x, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                          SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(x, SSL_SESS_CACHE_OFF); // tickets need no memory here
  SSL_CTX_set_num_tickets(x, 1);
  SSL_CTX_set_read_ahead(x, 1);
  SSL_CTX_set_alpn_select_cb(x, choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(x, no_passphrase);
  SSL_CTX_set_cipher_list(x, "ECDHE+AESGCM:ECDHE+CHACHA20");
  return context;
}

} // namespace

tls_identity::result tls_identity::from_files(const std::string& certificate_path,
                                              const std::string& key_path) {
  using part = tls_error::part;
  ERR_clear_error();
  auto context = make_context();
  if (!context)
    return tls_error{part::certificate, "TLS cannot be set up: " + reason()};
  bool asked = false;
  SSL_CTX_set_default_passwd_cb_userdata(context.get(), &asked);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_path.c_str()) != 1)
    return tls_error{part::certificate,
                     certificate_path + " cannot be used as certificate: " + reason()};
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_path.c_str(), SSL_FILETYPE_PEM) != 1) {
    const auto why = asked ? std::string{"it is protected by a passphrase"} : reason();
    ERR_clear_error();
    return tls_error{part::key, why == "key values mismatch"
                                    ? key_path + " is not the key of " + certificate_path
                                    : key_path + " cannot be used as private key: " + why};
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    ERR_clear_error();
    return tls_error{part::key, key_path + " is not the key of " + certificate_path};
  }
  SSL_CTX_set_default_passwd_cb_userdata(context.get(), nullptr); // `asked` ends here
  return std::make_shared<const tls_identity>(context.release());
}

tls_identity::~tls_identity() {
  SSL_CTX_free(context_);
}

bool tls_identity::is_self_signed() const {
  auto* certificate = SSL_CTX_get0_certificate(context_);
  const bool own =
      X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0 &&
      X509_verify(certificate, X509_get0_pubkey(certificate)) == 1;
  ERR_clear_error();
  return own;
}

std::int64_t tls_identity::expires_s() const {
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(context_)), &end) != 1)
    return 0;
  return timegm(&end);
}

std::unique_ptr<tls_stream> tls_identity::accept(int socket) const {
  ERR_clear_error();
  auto* ssl = SSL_new(context_);
  if (ssl == nullptr)
    return nullptr;
  auto stream = std::make_unique<tls_stream>(ssl);
  if (SSL_set_fd(ssl, socket) != 1)
    return nullptr;
  SSL_set_accept_state(ssl);
  return stream;
}

tls_stream::~tls_stream() {
  SSL_free(ssl_);
}

/// Until the buffer is full or the socket is empty: only then does the socket tell when
/// there is more.
tls_stream::outcome tls_stream::read(char* to, std::size_t size) {
  std::size_t got = 0;
  has_input_ = read_waits_for_write_ = false;
  while (!failed_ && got < size) {
    ERR_clear_error();
    std::size_t n = 0;
    if (SSL_read_ex(ssl_, to + got, size - got, &n) == 1) {
      got += n;
      continue;
    }
    switch (SSL_get_error(ssl_, 0)) {
    case SSL_ERROR_WANT_READ:
      return {got > 0 ? what::done : what::blocked, got};
    case SSL_ERROR_WANT_WRITE:
      read_waits_for_write_ = true;
      return {got > 0 ? what::done : what::blocked, got};
    case SSL_ERROR_ZERO_RETURN:
      // The end is reported by the next call if something came before it.
      has_input_ = got > 0;
      return {got > 0 ? what::done : what::ended, got};
    default:
      failed_ = true;
      ERR_clear_error();
    }
  }
  has_input_ = got > 0;
  return {got > 0 ? what::done : what::ended, got};
}

tls_stream::outcome tls_stream::write(std::string_view bytes) {
  if (failed_)
    return {what::ended, 0};
  ERR_clear_error();
  std::size_t n = 0;
  if (SSL_write_ex(ssl_, bytes.data(), std::min(bytes.size(), record_size), &n) == 1) {
    is_writing_ = false;
    return {what::done, n};
  }
  if (SSL_get_error(ssl_, 0) == SSL_ERROR_WANT_WRITE) {
    is_writing_ = true;
    return {what::blocked, 0};
  }
  failed_ = true; // among them a write before the handshake, which nobody attempts
  ERR_clear_error();
  return {what::ended, 0};
}

void tls_stream::close_notify() {
  if (failed_ || is_writing_ || SSL_is_init_finished(ssl_) != 1)
    return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

} // namespace ros::runtime
