// OpenSSL's objects as owners, for the files that speak to it. Internal to runtime/*.cpp.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <memory>

namespace ros::runtime {

template <auto Free>
struct openssl_deleter {
  template <class T>
  void operator()(T* x) const {
    Free(x);
  }
};
using pkey_ptr = std::unique_ptr<EVP_PKEY, openssl_deleter<EVP_PKEY_free>>;
using bio_ptr = std::unique_ptr<BIO, openssl_deleter<BIO_free_all>>;
using md_context_ptr = std::unique_ptr<EVP_MD_CTX, openssl_deleter<EVP_MD_CTX_free>>;

/// OpenSSL keeps errors per thread; ours must not surface in somebody else's call.
struct error_queue_guard {
  error_queue_guard() = default;
  ~error_queue_guard() { ERR_clear_error(); }
  error_queue_guard(const error_queue_guard&) = delete;
  error_queue_guard& operator=(const error_queue_guard&) = delete;
};

} // namespace ros::runtime
