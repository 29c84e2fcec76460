#include "web_client.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>

namespace ros::runtime {

namespace {

struct list_deleter {
  void operator()(curl_slist* x) const { curl_slist_free_all(x); }
};
using list_ptr = std::unique_ptr<curl_slist, list_deleter>;

void append(list_ptr& list, const std::string& line) {
  if (auto* longer = curl_slist_append(list.get(), line.c_str())) {
    list.release();
    list.reset(longer);
  }
}

/// A response that comes in.
struct incoming {
  std::string body;
  std::size_t limit = 0;
};

std::size_t take(char* bytes, std::size_t, std::size_t n, void* to) {
  auto& x = *static_cast<incoming*>(to);
  if (n > x.limit - std::min(x.limit, x.body.size()))
    return 0; // ends the transfer
  x.body.append(bytes, n);
  return n;
}

/// A mail that goes out.
std::size_t give(char* to, std::size_t size, std::size_t n, void* from) {
  auto& rest = *static_cast<std::string_view*>(from);
  const auto part = std::min(size * n, rest.size());
  std::memcpy(to, rest.data(), part);
  rest.remove_prefix(part);
  return part;
}

int look_for_stop(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto* flag = static_cast<const std::atomic<bool>*>(stop);
  return flag->load(std::memory_order_relaxed) ? 1 : 0;
}

/// What the same request would meet again.
bool is_permanent(CURLcode code) {
  return code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT ||
         code == CURLE_WRITE_ERROR || code == CURLE_LOGIN_DENIED ||
         code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_USE_SSL_FAILED;
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) != std::string_view::npos;
}

} // namespace

struct web_client::impl {
  web_client_options options;
  std::shared_ptr<const std::atomic<bool>> stop;
  CURL* curl = nullptr;
  char message[CURL_ERROR_SIZE] = {};

  impl(web_client_options o, std::shared_ptr<const std::atomic<bool>> s)
      : options(std::move(o)), stop(std::move(s)) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    curl = curl_easy_init();
  }
  ~impl() { curl_easy_cleanup(curl); }
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  /// Forgets the last request, not the open connections.
  void prepare(const char* protocols) {
    curl_easy_reset(curl);
    message[0] = 0;
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, protocols);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(options.connect_timeout.count()));
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
    if (!options.ca_path.empty())
      curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_path.c_str());
    if (stop) {
      curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
      curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_for_stop);
      curl_easy_setopt(curl, CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(stop.get()));
    }
  }

  web_failure failure(CURLcode code, const std::string& peer) const {
    const char* what = message[0] != 0 ? message : curl_easy_strerror(code);
    return {peer + ": " + what, is_permanent(code)};
  }
};

web_client::web_client(web_client_options options, std::shared_ptr<const std::atomic<bool>> stop)
    : impl_(std::make_unique<impl>(std::move(options), std::move(stop))) {}
web_client::~web_client() = default;

boost::system::result<web_response, web_failure> web_client::fetch(const web_request& request) {
  auto& x = *impl_;
  const auto peer = web_origin(request.url);
  if (!x.curl)
    return web_failure{peer + ": memory is short"};
  if (!is_web_url(request.url))
    return web_failure{peer + ": no URL", true};
  x.prepare("http,https");
  incoming answer{{}, x.options.max_body};
  curl_easy_setopt(x.curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(x.curl, CURLOPT_WRITEFUNCTION, take);
  curl_easy_setopt(x.curl, CURLOPT_WRITEDATA, &answer);
  curl_easy_setopt(x.curl, CURLOPT_USERAGENT, "realm-object-server");
  list_ptr headers;
  append(headers, "Expect:"); // no round trip before a body
  for (const auto& [name, value] : request.headers)
    if (!has_line_break(name) && !has_line_break(value))
      append(headers, name + ": " + value);
  curl_easy_setopt(x.curl, CURLOPT_HTTPHEADER, headers.get());
  if (request.method == "POST") {
    curl_easy_setopt(x.curl, CURLOPT_POST, 1L);
    curl_easy_setopt(x.curl, CURLOPT_POSTFIELDS, request.body.data());
    curl_easy_setopt(x.curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
  }
  if (const auto code = curl_easy_perform(x.curl); code != CURLE_OK)
    return x.failure(code, peer);
  long status = 0;
  curl_easy_getinfo(x.curl, CURLINFO_RESPONSE_CODE, &status);
  return web_response{static_cast<unsigned>(status), std::move(answer.body)};
}

boost::system::result<void, web_failure> web_client::send(const mail_server& server,
                                                          const mail& message) {
  auto& x = *impl_;
  const bool is_secure = server.security == mail_security::tls;
  const auto url = std::string(is_secure ? "smtps://" : "smtp://") + server.host + ':' +
                   std::to_string(server.port);
  if (!x.curl)
    return web_failure{url + ": memory is short"};
  if (has_line_break(message.from) || has_line_break(message.to))
    return web_failure{url + ": an address has more than one line", true};
  x.prepare("smtp,smtps");
  curl_easy_setopt(x.curl, CURLOPT_URL, url.c_str());
  if (server.security == mail_security::starttls)
    curl_easy_setopt(x.curl, CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
  if (!server.username.empty()) {
    curl_easy_setopt(x.curl, CURLOPT_USERNAME, server.username.c_str());
    curl_easy_setopt(x.curl, CURLOPT_PASSWORD, server.password.c_str());
  }
  const auto from = '<' + message.from + '>';
  curl_easy_setopt(x.curl, CURLOPT_MAIL_FROM, from.c_str());
  list_ptr to;
  append(to, '<' + message.to + '>');
  curl_easy_setopt(x.curl, CURLOPT_MAIL_RCPT, to.get());
  std::string_view rest = message.text;
  curl_easy_setopt(x.curl, CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(x.curl, CURLOPT_READFUNCTION, give);
  curl_easy_setopt(x.curl, CURLOPT_READDATA, &rest);
  if (const auto code = curl_easy_perform(x.curl); code != CURLE_OK) {
    auto failure = x.failure(code, url);
    long reply = 0;
    curl_easy_getinfo(x.curl, CURLINFO_RESPONSE_CODE, &reply);
    failure.is_permanent = failure.is_permanent || (reply >= 500 && reply < 600);
    return failure;
  }
  return {};
}

std::string web_origin(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos)
    return {};
  const auto end = url.find_first_of("/?#", scheme + 3);
  const auto authority = url.substr(scheme + 3, end - scheme - 3);
  const auto user = authority.rfind('@'); // "user:password@" stays unsaid
  return std::string(url.substr(0, scheme + 3)) +
         std::string(user == std::string_view::npos ? authority : authority.substr(user + 1));
}

std::string web_path(std::string_view url) {
  const auto scheme = url.find("://");
  const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto begin = url.find_first_of("/?#", host);
  if (begin == std::string_view::npos || url[begin] != '/')
    return "/";
  return std::string(url.substr(begin, url.find_first_of("?#", begin) - begin));
}

bool is_web_url(std::string_view text) {
  const bool is_http = text.starts_with("http://") || text.starts_with("https://");
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; };
  return is_http && !std::any_of(text.begin(), text.end(), is_odd) &&
         web_origin(text).size() > text.find("://") + 3;
}

} // namespace ros::runtime
