#include "resetting_app.hpp"

namespace ros::test {

app::app(const connect_options& o, std::string path) : options(o), file(std::move(path)) {
  connect();
  resume(1);
}

void app::resume(std::uint64_t number) {
  session = std::make_unique<client_session>(*client, file.copy, number);
  session->start();
}

void app::upload() {
  session->upload();
  session->wait_for_upload();
}

std::string app::settle() {
  upload();
  session->wait_for_download();
  return file.content();
}

void app::reset(const reset_style& style, const std::function<void()>& meanwhile) {
  using link = reset_style::link;
  if (style.connections != link::same_connection)
    connect();
  client_copy temporary;
  temporary.path = file.copy.path;
  client_session download(*client, temporary, 2, style.empty_uploads);
  download.start();
  meanwhile();
  download.wait_for_download();
  if (style.connections != link::left_behind)
    download.unbind();

  const auto unsynced = file.reset(temporary, style.asks_anew);
  if (style.connections != link::same_connection) {
    left_behind = std::move(client);
    connect();
  }
  resume(3);
  if (style.recovers)
    for (const auto& change : unsynced)
      file.write(change.changeset, change.timestamp);
  upload();
}

} // namespace ros::test
