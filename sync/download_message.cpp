#include "download_message.hpp"

#include "deflate.hpp"
#include "message_fields.hpp"

#include <memory>
#include <string_view>
#include <utility>

namespace ros::sync {

namespace {

constexpr std::uint64_t compress_above = 1024;

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

packed_body::packed_body(download_body body) : plain_size_(body.size_) {
  auto headers = std::make_shared<const std::string>(std::move(body.headers_));
  parts_.reserve(2 * body.entries_.size());
  std::size_t at = 0;
  for (auto& e : body.entries_) {
    parts_.emplace_back(headers, std::string_view{*headers}.substr(at, e.header_end - at));
    at = e.header_end;
    if (!e.data.empty())
      parts_.push_back(std::move(e.data));
  }
  if (plain_size_ <= compress_above)
    return;
  std::vector<std::string_view> views;
  views.reserve(parts_.size());
  for (const auto& p : parts_)
    views.push_back(p.view());
  if (auto small = deflate_parts(views, plain_size_)) {
    compressed_size_ = small->size();
    parts_.clear();
    parts_.emplace_back(std::move(*small));
  }
}

outgoing_message make_download(const download_head& h, packed_body body, protocol spoken) {
  const std::uint64_t is_compressed = body.compressed_size_ != 0 ? 1 : 0;
  std::string head{"download"};
  auto add = [&head](auto... numbers) { (append_field(head, numbers), ...); };
  add(h.session, h.progress.server_version, h.progress.last_integrated_client_version,
      h.latest.version, h.latest.salt, h.upload_progress.client_version);
  if (!spoken.is_early())
    add(h.upload_progress.last_integrated_server_version);
  if (spoken.has_downloadable_bytes())
    add(h.downloadable_bytes);
  add(is_compressed, body.plain_size_, body.compressed_size_);
  head += '\n';
  return {std::move(head), std::move(body.parts_)};
}

} // namespace ros::sync
