#include "session.hpp"

#include "shared_download.hpp"

#include <algorithm>
#include <utility>

namespace ros::actors {

namespace {

/// Changesets read for one turn: enough for speed, little enough that nobody waits
/// long behind it.
constexpr std::uint64_t bytes_per_turn = 1u << 20;

/// Bodies up to this size are compressed on the spot.
constexpr std::uint64_t pack_here_below = 128 * 1024;

std::uint64_t size_of(const publication& news) {
  std::uint64_t size = 0;
  for (const auto& e : news.entries)
    size += e.data.size();
  return size;
}

} // namespace

void session_state::begin_downloads() {
  if (sent.server_version == head.version)
    send_download({}, sent, 0); // 5.4: always one, it carries the progress
  else
    ask_for_turn();
}

void session_state::on_published(const publication& news, shared_download* shared) {
  if (connection.protocol.is_early())
    for (const auto& e : news.entries)
      foreign_bytes += e.origin == ident.file.ident ? 0 : e.data.size();
  if (now != phase::synchronising || news.head.version <= head.version)
    return;
  if (std::cmp_less(connection.protocol.level(), news.feature_level)) {
    fail(sync::describe_feature_refusal(news.feature_level, connection.protocol));
    return;
  }
  const bool current =
      sent_any && sent.server_version == head.version && news.first == head.version + 1;
  head = news.head;
  const auto own = std::lower_bound(
      news.progress.begin(), news.progress.end(), ident.file.ident,
      [](const reported_progress& a, sync::file_ident client) { return a.client < client; });
  if (own != news.progress.end() && own->client == ident.file.ident)
    reported = own->cursor;
  if (current && !connection.outlet->is_congested() && size_of(news) <= pack_here_below)
    send_publication(news, shared);
  else
    ask_for_turn();
}

/// The scan of 5.3 over entries that are at hand anyway.
void session_state::send_publication(const publication& news, shared_download* shared) {
  sync::download_cursor progress{news.head.version, sent.last_integrated_client_version};
  auto pack = [&] {
    sync::download_body body;
    for (const auto& e : news.entries)
      if (e.origin == ident.file.ident)
        progress.last_integrated_client_version = e.client_version;
      else if (!e.data.empty())
        body.add(e.version, progress.last_integrated_client_version, e.timestamp, e.origin,
                 e.original_size, e.data);
    return sync::packed_body{std::move(body)};
  };
  const bool contributed =
      std::any_of(news.entries.begin(), news.entries.end(),
                  [this](const auto& e) { return e.origin == ident.file.ident; });
  auto body = shared == nullptr || contributed
                  ? pack()
                  : shared->get(progress.last_integrated_client_version, pack);
  send_download(std::move(body), progress, 0);
}

// -- lagging behind -----------------------------------------------------------------

void session_state::ask_for_turn() {
  if (std::exchange(wants_turn, true))
    return;
  self->send(connection.actor, turn_atom_v, true);
}

void session_state::take_turn() {
  const auto budget = std::min(bytes_per_turn, context->limits.max_download_size);
  self->request(realm, caf::infinite, read_download{ident.file.ident, sent, budget})
      .then([this](const download_chunk& chunk) { send_chunk(chunk); },
            [this](const caf::error& reason) { fail(reason); });
}

void session_state::end_turn() {
  wants_turn = false;
  self->send(connection.actor, turn_atom_v, false);
  if (sent.server_version < head.version)
    ask_for_turn();
}

void session_state::send_chunk(const download_chunk& chunk) {
  sync::download_body body;
  for (const auto& e : chunk.entries)
    body.add(e.version, e.client_version, e.timestamp, e.origin, e.original_size, e.data);
  if (chunk.head.version >= head.version)
    head = chunk.head;
  reported = chunk.reported;
  if (!connection.packer || body.size() <= pack_here_below) {
    send_download(sync::packed_body{std::move(body)}, chunk.to, chunk.downloadable_bytes);
    end_turn();
    return;
  }
  self->request(connection.packer, caf::infinite, pack_download{std::move(body)})
      .then(
          [this, to = chunk.to, behind = chunk.downloadable_bytes](packed_download& x) {
            send_download(std::move(x.body), to, behind);
            end_turn();
          },
          [this](const caf::error& reason) { fail(reason); });
}

void session_state::send_download(sync::packed_body body, sync::download_cursor progress,
                                  std::uint64_t downloadable_bytes) {
  sent = progress;
  sent_any = true;
  cursors.downloaded = progress.server_version;
  const bool early = connection.protocol.is_early();
  connection.outlet->send(
      sync::make_download({.session = bound.session,
                           .progress = progress,
                           .latest = head,
                           .upload_progress = reported,
                           .downloadable_bytes = early ? foreign_bytes : downloadable_bytes},
                          std::move(body), connection.protocol));
  answer_mark();
}

// -- marks --------------------------------------------------------------------------

/// A mark answers for everything that was durable when it arrived (5.6). The realm
/// knows what that is, since news may still be on their way here.
void session_state::on_mark(client_message& message, std::uint64_t request) {
  if (request == 0)
    return;
  mark = pending_mark{request, std::nullopt};
  self->request(realm, caf::infinite, head_atom_v)
      .then(
          [this, request, credit = std::move(message.credit)](const sync::salted_version& durable) {
            if (!mark || mark->request != request)
              return; // answered by a newer one
            mark->target = durable.version;
            answer_mark();
          },
          [this](const caf::error& reason) { fail(reason); });
}

void session_state::answer_mark() {
  // Client resets rely on D = L in the last download before the answer.
  if (!mark || !mark->target || !sent_any || sent.server_version != head.version ||
      sent.server_version < *mark->target)
    return;
  connection.outlet->send(sync::make_mark(bound.session, mark->request));
  mark.reset();
}

} // namespace ros::actors
