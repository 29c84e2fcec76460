// Health and the page a browser sees first.
#include "http_handlers.hpp"
#include "http_service.hpp"

namespace ros::actors {

namespace {

/// Follows the words of a template: `$name` is replaced.
std::string fill(std::string_view page, const std::string& url, const std::string& version) {
  std::string out{page};
  auto replace_all = [&out](std::string_view what, const std::string& with) {
    for (auto at = out.find(what); at != std::string::npos; at = out.find(what, at + with.size()))
      out.replace(at, what.size(), with);
  };
  replace_all("$url", url);
  replace_all("$version", version);
  return out;
}

constexpr const char* front_page = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Realm Object Server</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem }
pre { background: #eee; padding: 1rem; overflow-x: auto }
</style>
</head>
<body>
<h1>Realm Object Server</h1>
<p>Version $version. This server keeps Realm databases of apps in sync.</p>
<p>Connect a Realm SDK (here JavaScript) to it:</p>
<pre>const app = new Realm.App({ id: "my-app", baseUrl: "$url" });
const user = await app.logIn(Realm.Credentials.anonymous());
const realm = await Realm.open({ schema, sync: { user, partitionValue: "my-partition" } });</pre>
<p>State of the server: <a href="/health">/health</a></p>
</body>
</html>
)";

} // namespace

void get_front_page(http_service_state& service, http_call call) {
  // public_url() lets no character through that means anything to HTML.
  auto url = service.public_url(call).value_or("http://<server>");
  call.answer_text(200, "text/html; charset=utf-8",
                   fill(front_page, url, service.context().options.version),
                   {{"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"},
                    {"Referrer-Policy", "no-referrer"},
                    {"X-Content-Type-Options", "nosniff"}});
}

void get_health(http_service_state& service, http_call call) {
  call.answer(200, {{"version", service.context().options.version}});
}

void get_ok(http_service_state&, http_call call) {
  call.answer_empty(200);
}

} // namespace ros::actors
