// RSA keys over OpenSSL 3: reading PEM, signing, verifying.
#include "encoding.hpp"
#include "openssl_ptr.hpp"
#include "tokens.hpp"

#include <openssl/bio.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace ros::runtime {

namespace {

constexpr unsigned least_bits = 1024;
constexpr std::size_t most_pem_bytes = 256 * 1024;

using decoder_ptr = std::unique_ptr<OSSL_DECODER_CTX, openssl_deleter<OSSL_DECODER_CTX_free>>;

void free_der(unsigned char* der) {
  OPENSSL_free(der);
}

bio_ptr open_text(std::string_view pem) {
  return bio_ptr(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

int no_passphrase(char*, int, int, void*) {
  return -1;
}

/// Null unless the text holds an unencrypted RSA key of that kind.
pkey_ptr decode(std::string_view pem, int selection) {
  error_queue_guard guard;
  if (pem.size() > most_pem_bytes)
    return nullptr;
  EVP_PKEY* key = nullptr;
  const decoder_ptr decoder(
      OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", nullptr, nullptr, selection, nullptr, nullptr));
  const auto text = open_text(pem);
  if (!decoder || !text)
    return nullptr;
  OSSL_DECODER_CTX_set_pem_password_cb(decoder.get(), no_passphrase, nullptr);
  OSSL_DECODER_from_bio(decoder.get(), text.get());
  return pkey_ptr(key);
}

std::string flaw(const EVP_PKEY* key, const char* which) {
  if (EVP_PKEY_is_a(key, "RSA") != 1)
    return std::string("the ") + which + " key is not an RSA key";
  if (const auto bits = EVP_PKEY_get_bits(key); bits < static_cast<int>(least_bits))
    return std::string("the ") + which + " key has only " + std::to_string(bits) + " bits, " +
           std::to_string(least_bits) + " are the least accepted";
  return {};
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

using key_result = boost::system::result<pkey_ptr, key_error>;

key_result read_public(std::string_view pem) {
  if (contains(pem, "PRIVATE KEY-----"))
    return key_error{"the public key file holds a private key"};
  auto key = decode(pem, EVP_PKEY_PUBLIC_KEY);
  if (!key)
    return key_error{"the public key is not a PEM public key (SPKI or PKCS#1)"};
  if (auto wrong = flaw(key.get(), "public"); !wrong.empty())
    return key_error{std::move(wrong)};
  return key;
}

key_result read_private(std::string_view pem) {
  if (contains(pem, "ENCRYPTED"))
    return key_error{"the private key is protected by a passphrase; an unencrypted one is needed"};
  auto key = decode(pem, EVP_PKEY_KEYPAIR);
  if (!key || !contains(pem, "PRIVATE KEY-----"))
    return key_error{"the private key is not a PEM private key (PKCS#1 or PKCS#8)"};
  if (auto wrong = flaw(key.get(), "private"); !wrong.empty())
    return key_error{std::move(wrong)};
  return key;
}

std::string take_text(const bio_ptr& bio) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio.get(), &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

using text_result = boost::system::result<std::string, key_error>;

text_result read_file(const std::string& path, const char* which) {
  const std::unique_ptr<std::FILE, openssl_deleter<std::fclose>> file(std::fopen(path.c_str(), "rbe"));
  std::string text(most_pem_bytes + 1, '\0');
  std::size_t size = 0;
  if (file)
    size = std::fread(text.data(), 1, text.size(), file.get());
  if (!file || std::ferror(file.get()))
    return key_error{std::string("the ") + which + " key file " + path +
                     " cannot be read: " + std::strerror(errno)};
  text.resize(size);
  return text_result(boost::system::in_place_value, std::move(text));
}

} // namespace

struct key_pair::keys {
  pkey_ptr for_signing; ///< null: verifies only
  pkey_ptr for_verifying;
  std::string id;
};

namespace {

/// RFC 7638 in spirit: the same for every file form of the same key.
std::string name_of(const EVP_PKEY* key) {
  error_queue_guard guard;
  unsigned char* der = nullptr;
  const auto size = i2d_PUBKEY(key, &der);
  const std::unique_ptr<unsigned char, openssl_deleter<free_der>> owner(der);
  if (size <= 0)
    return {};
  return hex_encode(sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)}))
      .substr(0, 16);
}

} // namespace

key_pair::key_pair(std::shared_ptr<keys> k) {
  k->id = name_of(k->for_verifying.get());
  keys_ = std::move(k);
}

const std::string& key_pair::id() const noexcept {
  return keys_->id;
}

key_pair::result<key_pair> key_pair::from_public_pem(std::string_view public_pem) {
  auto key = read_public(public_pem);
  if (!key)
    return key.error();
  auto both = std::make_shared<keys>();
  both->for_verifying = std::move(*key);
  return key_pair(std::move(both));
}

key_pair::result<key_pair> key_pair::from_pem(std::string_view private_pem,
                                              std::string_view public_pem) {
  auto pub = read_public(public_pem);
  if (!pub)
    return pub.error();
  auto priv = read_private(private_pem);
  if (!priv)
    return priv.error();
  error_queue_guard guard;
  const key_error mismatch{"the private and the public key are not a pair"};
  if (EVP_PKEY_eq(priv->get(), pub->get()) != 1)
    return mismatch;
  auto both = std::make_shared<keys>();
  both->for_signing = std::move(*priv);
  both->for_verifying = std::move(*pub);
  key_pair made(std::move(both));
  // A damaged private exponent passes the comparison above.
  try {
    if (!made.verify("trial", made.sign("trial")))
      return mismatch;
  } catch (const std::runtime_error&) {
    return mismatch;
  }
  return made;
}

key_pair::result<key_pair> key_pair::from_files(const std::string& private_path,
                                                const std::string& public_path) {
  auto pub = read_file(public_path, "public");
  if (!pub)
    return pub.error();
  auto priv = read_file(private_path, "private");
  if (!priv)
    return priv.error();
  auto pair = from_pem(*priv, *pub);
  if (!pair)
    return key_error{pair.error().message + " (" + private_path + ", " + public_path + ")"};
  return pair;
}

key_pair::result<key_pair> key_pair::public_from_file(const std::string& public_path) {
  const auto text = read_file(public_path, "public");
  if (!text)
    return text.error();
  auto half = from_public_pem(*text);
  if (!half)
    return key_error{half.error().message + " (" + public_path + ")"};
  return half;
}

key_pair key_pair::generate(unsigned bits) {
  error_queue_guard guard;
  auto both = std::make_shared<keys>();
  both->for_signing.reset(EVP_RSA_gen(bits));
  if (!both->for_signing)
    throw std::runtime_error("OpenSSL makes no RSA key of " + std::to_string(bits) + " bits");
  EVP_PKEY_up_ref(both->for_signing.get());
  both->for_verifying.reset(both->for_signing.get());
  return key_pair(std::move(both));
}

bool key_pair::can_sign() const noexcept {
  return keys_->for_signing != nullptr;
}

unsigned key_pair::bits() const noexcept {
  return static_cast<unsigned>(EVP_PKEY_get_bits(keys_->for_verifying.get()));
}

std::string key_pair::private_pem() const {
  error_queue_guard guard;
  if (!can_sign())
    return {};
  const bio_ptr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(out.get(), keys_->for_signing.get(), nullptr, nullptr, 0, nullptr,
                                nullptr);
  return take_text(out);
}

std::string key_pair::public_pem() const {
  error_queue_guard guard;
  const bio_ptr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(out.get(), keys_->for_verifying.get());
  return take_text(out);
}

std::string key_pair::sign(std::string_view bytes) const {
  error_queue_guard guard;
  const md_context_ptr context(EVP_MD_CTX_new());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  std::string out(static_cast<std::size_t>(EVP_PKEY_get_size(keys_->for_verifying.get())), '\0');
  auto size = out.size();
  if (!can_sign() || !context ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, keys_->for_signing.get()) !=
          1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size, data,
                     bytes.size()) != 1)
    throw std::runtime_error("cannot sign: no private key, or out of memory");
  out.resize(size);
  return out;
}

bool key_pair::verify(std::string_view bytes, std::string_view signature) const {
  error_queue_guard guard;
  const md_context_ptr context(EVP_MD_CTX_new());
  return context &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                              keys_->for_verifying.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                          bytes.size()) == 1;
}

} // namespace ros::runtime
