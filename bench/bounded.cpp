// How much of a much-written Realm stays: writes through a running server's WebSocket, then
// lets history be compacted, and reports as one line of JSON what the store takes on
// disk over time and what a new client's first sync takes. The server should have a small
// storage.compaction_interval and be used by nobody else.
#include "load_figures.hpp"

#include "support/changeset_builder.hpp"
#include "support/client_changeset.hpp"
#include "support/http_client.hpp"
#include "support/protocol_client.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

namespace ros::bench {
namespace {

struct command_line {
  std::uint16_t port = 9080;
  std::string store;
  std::string scenario = "all";
  std::uint64_t changes = 1'000'000;
  std::uint64_t batch = 1000;
  int settle_seconds = 30;
};

std::string log_in(const test::connect_options& server) {
  test::http_client client(server.port, server.address);
  const auto answer = client.post("/api/client/v2.0/app/load/auth/providers/anon-user/login", "{}");
  const auto document = answer.json();
  if (const auto* object = document.if_object())
    if (const auto* token = object->if_contains("access_token"); token && token->is_string())
      return std::string{token->get_string()};
  throw std::runtime_error("log-in failed: " + std::to_string(answer.status) + ' ' + answer.body);
}

double seconds_since(std::int64_t start_ns) {
  return static_cast<double>(now_ns() - start_ns) * 1e-9;
}

/// Bytes of all files; some may go while they are counted.
std::uint64_t disk_use(const std::string& directory) {
  std::uint64_t sum = 0;
  std::error_code gone;
  for (std::filesystem::recursive_directory_iterator at{directory, gone}, end; !gone && at != end;
       at.increment(gone))
    if (const auto size = at->file_size(gone); !gone)
      sum += size;
    else
      gone.clear();
  return sum;
}

// -- what is written ----------------------------------------------------------------

std::string bytes_of(test::changeset_builder& b) {
  return std::string{test::client_bytes(b.take()).view()};
}

std::string schema() {
  test::changeset_builder b;
  b.add_table("Item").add_column("Item", "text", sync::value_type::string);
  b.add_column("Item", "jobs", sync::value_type::integer,
               {.collection = sync::collection_type::list});
  for (int i = 0; i < 10; ++i)
    b.create("Item", i).update("Item", i, {"text"}, "first");
  return bytes_of(b);
}

/// One of ten objects gets another text.
std::string update_objects(std::uint64_t number) {
  test::changeset_builder b;
  b.update("Item", static_cast<std::int64_t>(number % 10), {"text"},
           "text number " + std::to_string(number));
  return bytes_of(b);
}

/// In turn: an object is made, an object is erased, a list gets an element, and loses it.
std::string work_queue(std::uint64_t number) {
  test::changeset_builder b;
  const auto job = static_cast<std::int64_t>(100 + number / 4);
  switch (number % 4) {
  case 0:
    b.create("Item", job).update("Item", job, {"text"}, "job " + std::to_string(job));
    break;
  case 1:
    b.insert("Item", 0, {"jobs", 0u}, test::integer(job), 0);
    break;
  case 2:
    b.erase("Item", job);
    break;
  default:
    b.remove("Item", 0, {"jobs", 0u}, 1);
  }
  return bytes_of(b);
}

// -- running ------------------------------------------------------------------------

struct first_sync {
  double seconds = 0;
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
};

first_sync join(const test::connect_options& server, const std::string& path) {
  test::client_copy copy;
  copy.path = path;
  const auto start = now_ns();
  test::protocol_client client(server);
  test::client_session session(client, copy, 1);
  session.start();
  session.wait_for_download();
  first_sync out{.seconds = seconds_since(start), .entries = copy.received.size()};
  for (const auto& x : copy.received)
    out.bytes += x.changeset.size();
  session.unbind();
  return out;
}

/// Until what the store takes has not become less for some seconds.
std::uint64_t settle(const command_line& c) {
  auto least = disk_use(c.store);
  for (int quiet = 0, waited = 0; quiet < 8 && waited < c.settle_seconds; ++waited) {
    std::this_thread::sleep_for(std::chrono::seconds{1});
    const auto now = disk_use(c.store);
    quiet = now < least ? 0 : quiet + 1;
    least = std::min(least, now);
  }
  return disk_use(c.store);
}

void run(const std::string& name, std::string (*change)(std::uint64_t), const command_line& c,
         const test::connect_options& server) {
  test::client_copy copy;
  copy.path = "\"bounded-" + name + '-' + std::to_string(now_ns()) + '"';
  test::protocol_client client(server);
  test::client_session session(client, copy, 1);
  session.start();
  session.write(schema());
  session.upload();
  session.wait_for_upload();
  boost::json::array disk{disk_use(c.store)};
  std::uint64_t written_bytes = 0, most = 0;
  const auto start = now_ns();
  for (std::uint64_t i = 0; i < c.changes;) {
    for (std::uint64_t k = 0; k < c.batch && i < c.changes; ++k, ++i) {
      auto bytes = change(i);
      written_bytes += bytes.size();
      session.write(std::move(bytes), 1000 + i);
    }
    session.upload();
    session.wait_for_upload();
    if (i % (c.changes / 20) < c.batch) {
      disk.push_back(disk_use(c.store));
      most = std::max(most, disk.back().to_number<std::uint64_t>());
    }
  }
  const double seconds = seconds_since(start);
  const auto settled = settle(c);
  const auto joined = join(server, copy.path);
  std::cout << boost::json::serialize(boost::json::object{{"scenario", name},
                                                          {"changes", c.changes},
                                                          {"changeset_bytes", written_bytes},
                                                          {"write_seconds", seconds},
                                                          {"disk_bytes_while_writing", disk},
                                                          {"disk_bytes_most", most},
                                                          {"disk_bytes_settled", settled},
                                                          {"first_sync_seconds", joined.seconds},
                                                          {"first_sync_bytes", joined.bytes},
                                                          {"first_sync_entries", joined.entries}})
            << std::endl;
}

int run_program(int argc, char** argv) {
  CLI::App app{"What stays of a much-written Realm", "bounded"};
  command_line c;
  app.add_option("--port", c.port, "of the server")->capture_default_str();
  app.add_option("--store", c.store, "the server's storage.root_path")->required();
  app.add_option("--scenario", c.scenario, "objects, queue or all")
      ->check(CLI::IsMember({"objects", "queue", "all"}))
      ->capture_default_str();
  app.add_option("--changes", c.changes, "changesets written")
      ->check(CLI::Range(1000, 100'000'000))
      ->capture_default_str();
  app.add_option("--batch", c.batch, "changesets of an UPLOAD")
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str();
  app.add_option("--settle", c.settle_seconds, "seconds to wait for the store at most")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  test::connect_options server;
  server.port = c.port;
  server.target = "/api/client/v2.0/app/load/realm-sync";
  server.token = log_in(server);
  if (c.scenario != "queue")
    run("objects", update_objects, c, server);
  if (c.scenario != "objects")
    run("queue", work_queue, c, server);
  return 0;
}

} // namespace
} // namespace ros::bench

int main(int argc, char** argv) {
  try {
    return ros::bench::run_program(argc, argv);
  } catch (const std::exception& problem) {
    std::cerr << "bounded: " << problem.what() << '\n';
    return 1;
  }
}
