#include "session.hpp"

#include "runtime/log.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace ros::actors {

namespace {

/// Of a message in front of its body (sync-protocol.md 2).
constexpr std::uint64_t max_head = 256;

/// Bigger bodies, inflated, go to the unpacker.
constexpr std::uint64_t unpack_here_below = 256 * 1024;

/// Others' big uploads do not hinder small ones. How many of these can be under way is
/// limited by what a socket is read ahead.
constexpr std::uint64_t never_refused = 16 * 1024;

/// What an upload holds while it waits for integration.
struct upload_receipt {
  credit_ptr credit;
  std::shared_ptr<const void> backlog;
};

/// A client's text in a log line: bounded, on one line.
std::string quoted(std::string_view text) {
  constexpr std::size_t most = 500;
  return sync::quote_json(text.substr(0, most));
}

} // namespace

void session_state::on_upload(client_message& message, sync::upload_message& upload) {
  const auto max_size = context->limits.max_upload_size;
  const auto size = std::max<std::uint64_t>(upload.body.size(), upload.uncompressed_size);
  // The frame itself is counted by its socket, and beyond the limit nothing is inflated.
  const bool inflates = upload.is_compressed && size <= max_size;
  auto backlog = context->backlog->take(inflates ? upload.uncompressed_size : 0,
                                        upload.body.size() + max_head);
  if (!backlog && size > never_refused) {
    fail(100, "too much is waiting to be integrated");
    return;
  }
  auto receipt = std::make_shared<const upload_receipt>(
      upload_receipt{std::move(message.credit), std::move(backlog)});
  if (!connection.unpacker || size <= unpack_here_below) {
    on_unpacked(upload, sync::unpack(upload, max_size), std::move(receipt));
    return;
  }
  unpacking = true;
  self->request(connection.unpacker, caf::infinite, unpack_upload{upload, max_size})
      .then(
          [this, upload, receipt](unpacked_upload& x) mutable {
            unpacking = false;
            on_unpacked(upload, std::move(x.entries), std::move(receipt));
            handle_waiting();
          },
          [this](const caf::error& reason) { fail(reason); });
}

void session_state::on_unpacked(sync::upload_message& upload,
                                sync::result<std::vector<sync::uploaded_entry>> entries,
                                std::shared_ptr<const void> receipt) {
  if (!entries) {
    fail(entries.error().protocol_code, entries.error().message);
    return;
  }
  if (auto completed = sync::complete_upload(cursors, upload, *entries); !completed) {
    fail(completed.error().protocol_code, completed.error().message);
    return;
  }
  auto fresh = sync::admit_upload(cursors, upload, std::move(*entries));
  if (!fresh) {
    fail(fresh.error().protocol_code, fresh.error().message);
    return;
  }
  self->send(realm, integrate_upload{ident.file.ident, upload.progress, upload.locked_version,
                                     std::move(*fresh), std::move(receipt), access.write});
}

void session_state::on_client_error(const sync::client_error_message& message) {
  constexpr int bad_progress = 233;
  log::error("{} could not integrate a download of {}: {} {}", full_name(), path, message.code,
             quoted(message.text.view()));
  if (message.code == bad_progress)
    fail(201, "the client reported an error of its own");
  else
    fail(217, "the client could not integrate what it was sent");
}

} // namespace ros::actors
