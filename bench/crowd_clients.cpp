#include "crowd_clients.hpp"

#include "support/changeset_builder.hpp"
#include "support/client_changeset.hpp"

#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

namespace ros::bench {

namespace {

constexpr int patience_ms = 60'000;

std::string text_of(const test::changeset_builder& b) {
  return std::string{test::client_bytes(b.changes()).view()};
}

std::string schema() {
  test::changeset_builder b;
  b.add_table("Note").add_column("Note", "text", sync::value_type::string);
  return text_of(b);
}

std::string new_note(std::int64_t key, std::size_t size) {
  test::changeset_builder b;
  b.create("Note", key).update("Note", key, {"text"}, std::string(size, 'x'));
  return text_of(b);
}

test::server_message expect(test::protocol_client& client, std::string_view name) {
  auto m = client.next(patience_ms);
  if (!m || m->name != name)
    throw std::runtime_error("no " + std::string{name} + " but " +
                             (m ? m->name + ' ' + m->text : "silence"));
  return *m;
}

/// A class name, then it is erased 8 million times: two bytes each.
std::string erased_classes() {
  auto changeset = std::string("\x3f\x00\x01T", 4);
  changeset.resize(16u << 20);
  for (std::size_t i = 4; i + 1 < changeset.size(); i += 2) {
    changeset[i] = 1;
    changeset[i + 1] = 0;
  }
  return changeset;
}

/// Objects that are not there are erased 4 million times, which is no error: parsed,
/// merged, applied, stored and sent on.
std::string erased_objects() {
  test::changeset_builder b;
  b.add_table("T").erase("T", 0);
  auto changeset = text_of(b);
  const auto erasure = changeset.substr(changeset.size() - 4);
  while (changeset.size() + erasure.size() <= 16u << 20)
    changeset += erasure;
  return changeset;
}

/// BIND with a fresh file, IDENT, and the first DOWNLOAD.
void bind(test::protocol_client& client, test::client_copy& copy) {
  client.send(test::bind_message(1, copy.path, true));
  const auto ident = expect(client, "ident");
  copy.ident = ident.file_ident;
  copy.salt = ident.file_salt;
  client.send(test::ident_message(1, copy));
  expect(client, "download");
}

} // namespace

// -- the idle ---------------------------------------------------------------------------

idle_crowd::idle_crowd(const test::connect_options& server, const std::string& partition,
                       std::size_t count, std::size_t realms) {
  members_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    auto m = std::make_unique<member>(server);
    if (!m->client.is_open())
      throw std::runtime_error("connection " + std::to_string(i) +
                               " is refused: " + m->client.answer().substr(0, 60));
    m->copy.path = '"' + partition + "-idle-" + std::to_string(i % realms) + '"';
    bind(m->client, m->copy);
    members_.push_back(std::move(m));
  }
}

std::size_t idle_crowd::ping_all() {
  for (auto& m : members_)
    m->client.send("ping 7 0\n");
  std::size_t missing = 0;
  for (auto& m : members_) {
    auto answer = m->client.next(patience_ms);
    missing += !answer || answer->name != "pong";
  }
  return missing;
}

// -- writers ----------------------------------------------------------------------------

struct writer_group::writer {
  writer(const test::connect_options& server, std::string path)
      : client(server), session(client, copy, 1) {
    copy.path = std::move(path);
    session.start();
    session.write(schema());
    session.upload();
    session.wait_for_upload();
  }
  test::protocol_client client;
  test::client_copy copy;
  test::client_session session;
  std::int64_t next_key = 0;
};

writer_group::writer_group(const test::connect_options& server, const std::string& partition,
                           std::size_t writers, std::size_t realms, double rate)
    : rate_(rate) {
  for (std::size_t i = 0; i < writers; ++i) {
    writers_.push_back(std::make_unique<writer>(server, '"' + partition + "-work-" +
                                                            std::to_string(i % realms) + '"'));
    writers_.back()->next_key = static_cast<std::int64_t>(i) * 1'000'000;
  }
}

writer_group::~writer_group() = default;

samples writer_group::run(double seconds) {
  latencies_.clear();
  {
    std::vector<std::jthread> threads;
    const auto start = now_ns();
    const auto end = start + static_cast<std::int64_t>(seconds * 1e9);
    const auto pause = static_cast<std::int64_t>(1e9 / rate_);
    for (std::size_t i = 0; i < writers_.size(); ++i)
      threads.emplace_back([&, i, start] {
        auto& w = *writers_[i];
        samples mine;
        try {
          // Spread over the pause, so that no wave is measured.
          auto due = start + pause * static_cast<std::int64_t>(i) /
                                 static_cast<std::int64_t>(writers_.size());
          for (; due < end; due += pause) {
            if (const auto now = now_ns(); now < due)
              std::this_thread::sleep_for(std::chrono::nanoseconds(due - now));
            const auto begin = now_ns();
            w.session.write(new_note(w.next_key++, 60));
            w.session.upload();
            w.session.wait_for_upload();
            mine.push_back(now_ns() - begin);
            w.copy.received.clear();
          }
        } catch (const std::exception& e) {
          const std::lock_guard guard{mutex_};
          errors_.emplace_back(e.what());
        }
        const std::lock_guard guard{mutex_};
        latencies_.insert(latencies_.end(), mine.begin(), mine.end());
      });
  }
  return std::exchange(latencies_, {});
}

// -- troublemakers ------------------------------------------------------------------------

void connection_storm::operator()() {
  constexpr std::size_t held = 500;
  auto client = std::make_unique<test::protocol_client>(server_);
  if (client->is_open())
    upgraded_.push_back(std::move(client));
  silent_.push_back(std::make_unique<test::raw_socket>(server_.port, server_.address));
  silent_.back()->send("GET /realm-sync HTTP/1.1\r\nHost: x\r\n"); // and never the rest
  if (upgraded_.size() >= held)
    upgraded_.clear();
  if (silent_.size() >= held)
    silent_.clear();
}

void hostile_upload(const test::connect_options& server, const std::string& partition) {
  static std::atomic<unsigned> turns{0};
  static const auto classes = erased_classes(), objects = erased_objects();
  const auto turn = turns++;
  test::protocol_client client(server);
  test::client_copy copy;
  copy.path = '"' + partition + "-hostile-" + std::to_string(turn) + '"';
  bind(client, copy);
  switch (turn % 4) {
  case 0:
    client.send(test::upload_message(1, 2, 0, 0, {{2, 0, 1000, classes}}));
    break;
  case 1:
    client.send(test::upload_message(1, 2, 0, 0, {{2, 0, 1000, objects}}));
    break;
  case 2: // 64 MiB that fit into 64 KiB
    client.send(test::compressed_upload_message(1, 2, 0, 0,
                                                {{2, 0, 1000, std::string(64u << 20, '\0')}}, 9));
    break;
  default: // says that it would be 4 GiB
    client.send("upload 1 1 4294967296 10 2 0 0\n0123456789");
  }
  // Whatever becomes of it: an error, or the end.
  for (auto m = client.next(patience_ms); m; m = client.next(patience_ms))
    if (m->name != "download" || m->upload_client_version == 2)
      break;
}

slow_reader::slow_reader(const test::connect_options& server, const std::string& partition)
    : socket_(server.port, server.address, 4096) {
  socket_.send(test::upgrade_request(server.target + "?baas_at=" + server.token,
                                     "Sec-WebSocket-Protocol: com.mongodb.realm-sync#14\r\n"));
  socket_.read_until("\r\n\r\n");
  test::client_copy copy;
  copy.path = '"' + partition + "-big\"";
  socket_.send(test::binary_frame(test::bind_message(1, copy.path, true)));
  for (;;) {
    const auto frame = test::read_frame(socket_);
    if (!frame)
      throw std::runtime_error("the server ended a reader before it was slow");
    const auto message = test::read_server_message(frame->payload, 14);
    if (message.name != "ident")
      continue;
    copy.ident = message.file_ident;
    copy.salt = message.file_salt;
    break;
  }
  socket_.send(test::binary_frame(test::ident_message(1, copy)));
}

void fill_big_realm(const test::connect_options& server, const std::string& partition,
                    std::size_t megabytes) {
  test::protocol_client client(server);
  test::client_copy copy;
  copy.path = '"' + partition + "-big\"";
  test::client_session session(client, copy, 1);
  session.start();
  session.write(schema());
  for (std::size_t i = 0; i < megabytes; ++i) {
    session.write(new_note(static_cast<std::int64_t>(i), 1u << 20));
    session.upload();
    session.wait_for_upload();
  }
}

} // namespace ros::bench
