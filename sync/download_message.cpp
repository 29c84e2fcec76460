#include "download_message.hpp"

#include "deflate.hpp"
#include "message_fields.hpp"

#include <memory>
#include <string_view>
#include <utility>

namespace ros::sync {

namespace {

constexpr std::uint64_t compress_above = 1024;

std::string head_text(const download_head& h, std::uint64_t compressed, std::uint64_t plain_size,
                      std::uint64_t compressed_size) {
  return make_head("download", h.session, h.progress.server_version,
                   h.progress.last_integrated_client_version, h.latest.version, h.latest.salt,
                   h.upload_progress.client_version,
                   h.upload_progress.last_integrated_server_version, h.downloadable_bytes,
                   compressed, plain_size, compressed_size);
}

} // namespace

void download_body::add(version_type version, version_type client_version,
                        origin_timestamp timestamp, file_ident origin, std::uint64_t original_size,
                        bytes data) {
  const auto begin = headers_.size();
  for (auto number :
       {version, client_version, timestamp, origin, original_size, std::uint64_t{data.size()}})
    append_field(headers_, number);
  // Fields begin with their blank, in entries the blank belongs behind them.
  headers_.erase(begin, 1);
  headers_ += ' ';
  size_ += headers_.size() - begin + data.size();
  entries_.push_back({headers_.size(), std::move(data)});
}

outgoing_message make_download(const download_head& head, download_body body) {
  auto headers = std::make_shared<const std::string>(std::move(body.headers_));
  std::vector<bytes> parts;
  parts.reserve(2 * body.entries_.size());
  std::size_t at = 0;
  for (auto& e : body.entries_) {
    parts.emplace_back(headers, std::string_view{*headers}.substr(at, e.header_end - at));
    at = e.header_end;
    if (!e.data.empty())
      parts.push_back(std::move(e.data));
  }
  if (body.size_ > compress_above) {
    std::vector<std::string_view> views;
    views.reserve(parts.size());
    for (const auto& p : parts)
      views.push_back(p.view());
    if (auto small = deflate_parts(views, body.size_)) {
      const auto size = small->size();
      std::vector<bytes> compressed;
      compressed.emplace_back(std::move(*small));
      return {head_text(head, 1, body.size_, size), std::move(compressed)};
    }
  }
  return {head_text(head, 0, body.size_, 0), std::move(parts)};
}

} // namespace ros::sync
