// Requests to servers of others, against a real HTTPS server with its own authority.
#include "runtime/web_client.hpp"

#include "net_server.hpp"
#include "runtime/tls.hpp"
#include "support/test_keys.hpp"

#include <thread>

namespace ros::runtime {
namespace {

using test::key_path;
using test::net_server;

tls_identity_ptr identity(const std::string& name) {
  return *tls_identity::from_files(key_path("tls-" + name + ".pem"),
                                   key_path("tls-" + name + ".key.pem"));
}

web_client_options trusting() {
  return {.ca_path = key_path("tls-ca.pem")};
}

std::string url_of(const net_server& server, const std::string& rest,
                   const std::string& scheme = "https") {
  return scheme + "://localhost:" + std::to_string(server.port()) + rest;
}

TEST(web_client, a_request_arrives_whole_and_the_answer_comes_back) {
  net_server server{{}, 2, identity("one")};
  server.on_request = [](http_exchange x) {
    const auto& r = x.request();
    x.respond({201,
               {},
               r.method + ' ' + r.target + ' ' + std::string{r.header("X-Mine").value_or("-")} +
                   ' ' + std::string{r.header("Expect").value_or("-")} + ' ' + r.body});
  };
  web_client client{trusting()};
  const auto posted =
      client.fetch({"POST", url_of(server, "/a?b=c"), {{"X-Mine", "yes"}}, std::string(3000, 'x')});
  ASSERT_TRUE(posted) << posted.error().message;
  EXPECT_EQ(posted->status, 201u);
  EXPECT_EQ(posted->body, "POST /a?b=c yes - " + std::string(3000, 'x'));
  const auto got = client.fetch({"GET", url_of(server, "/")});
  ASSERT_TRUE(got);
  EXPECT_EQ(got->body, "GET / - - ");
}

TEST(web_client, a_server_that_nobody_vouches_for_is_not_spoken_to) {
  net_server server{{}, 2, identity("self")};
  bool heard = false;
  server.on_request = [&](http_exchange x) {
    heard = true;
    x.respond({});
  };
  web_client client{trusting()};
  const auto answer = client.fetch({"GET", url_of(server, "/?token=s3cret")});
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().is_permanent);
  EXPECT_EQ(answer.error().message.find("s3cret"), std::string::npos) << answer.error().message;
  EXPECT_TRUE(answer.error().message.starts_with(url_of(server, ""))) << answer.error().message;
  // Nor by another name than that of its certificate.
  net_server named{{}, 2, identity("one")};
  EXPECT_FALSE(
      client.fetch({"GET", "https://localhost.localdomain:" + std::to_string(named.port())}));
  server.stop();
  EXPECT_FALSE(heard);
}

TEST(web_client, nobody_at_home_is_a_passing_failure) {
  std::uint16_t port = 0;
  {
    net_server server;
    port = server.port();
  }
  web_client client{trusting()};
  const auto answer = client.fetch({"GET", "http://127.0.0.1:" + std::to_string(port) + "/"});
  ASSERT_FALSE(answer);
  EXPECT_FALSE(answer.error().is_permanent);
}

TEST(web_client, redirections_are_not_followed) {
  net_server server;
  server.on_request = [](http_exchange x) { x.respond({302, {{"Location", "/other"}}, ""}); };
  web_client client{{}};
  EXPECT_EQ(client.fetch({"GET", url_of(server, "/", "http")})->status, 302u);
}

TEST(web_client, an_answer_beyond_the_limit_is_refused_for_good) {
  net_server server;
  server.on_request = [](http_exchange x) { x.respond({200, {}, std::string(1001, 'x')}); };
  web_client client{{.max_body = 1000}};
  const auto answer = client.fetch({"GET", url_of(server, "/", "http")});
  ASSERT_FALSE(answer);
  EXPECT_TRUE(answer.error().is_permanent);
}

TEST(web_client, who_does_not_answer_in_time_is_given_up) {
  net_server server;
  std::vector<http_exchange> kept;
  server.on_request = [&](http_exchange x) { kept.push_back(std::move(x)); };
  web_client client{{.timeout = std::chrono::milliseconds{50}}};
  const auto answer = client.fetch({"GET", url_of(server, "/", "http")});
  ASSERT_FALSE(answer);
  EXPECT_FALSE(answer.error().is_permanent);
  server.stop();
}

TEST(web_client, stopping_ends_an_exchange_that_waits) {
  net_server server;
  auto stop = std::make_shared<std::atomic<bool>>(false);
  std::vector<http_exchange> kept;
  server.on_request = [&](http_exchange x) {
    kept.push_back(std::move(x));
    *stop = true;
  };
  web_client client{{.timeout = std::chrono::minutes{10}}, stop};
  EXPECT_FALSE(client.fetch({"GET", url_of(server, "/", "http")}));
  server.stop();
}

TEST(web_client, headers_cannot_smuggle_others) {
  net_server server;
  server.on_request = [](http_exchange x) {
    x.respond({200, {}, std::string{x.request().header("X-Evil").value_or("none")}});
  };
  web_client client{{}};
  EXPECT_EQ(
      client.fetch({"GET", url_of(server, "/", "http"), {{"X-Mine", "1\r\nX-Evil: 2"}}})->body,
      "none");
}

TEST(web_client, only_http_urls_are_fetched) {
  web_client client{{}};
  for (const char* url : {"", "file:///etc/passwd", "ftp://x/", "http://", "localhost",
                          "https:///x", "http://a b/", "http://a\n/"}) {
    const auto answer = client.fetch({"GET", url});
    ASSERT_FALSE(answer) << url;
    EXPECT_TRUE(answer.error().is_permanent) << url;
  }
}

TEST(web_client, parts_of_urls) {
  EXPECT_EQ(web_origin("https://host:1/x?token=y"), "https://host:1");
  EXPECT_EQ(web_origin("https://user:pass@host/x"), "https://host");
  EXPECT_EQ(web_origin("https://host?x"), "https://host");
  EXPECT_EQ(web_origin("nonsense"), "");
  EXPECT_EQ(web_path("https://host/a/b?c#d"), "/a/b");
  EXPECT_EQ(web_path("https://host"), "/");
  EXPECT_EQ(web_path("https://host?x"), "/");
}

} // namespace
} // namespace ros::runtime
