#include "before_image.hpp"

#include "state_codec.hpp"

namespace ros::sync {

namespace {

constexpr char image_version = 1;

before_image read_image(row_reader& in) {
  before_image image;
  image.table = in.text();
  image.key = in.text();
  if (in.byte() == 0) {
    return image;
  }
  image.value = std::string(in.text());
  const auto pieces = in.number();
  for (std::uint64_t i = 0; i < pieces && in.ok(); ++i) {
    const auto id = in.number();
    image.pieces.push_back({id, std::string(in.text())});
  }
  return image;
}

} // namespace

bytes encode_before_images(const std::vector<before_image>& images) {
  if (images.empty()) {
    return {};
  }
  std::string out(1, image_version);
  append_number(out, images.size());
  for (const auto& image : images) {
    append_text(out, image.table);
    append_text(out, image.key);
    out.push_back(image.value ? 1 : 0);
    if (!image.value) {
      continue;
    }
    append_text(out, *image.value);
    append_number(out, image.pieces.size());
    for (const auto& piece : image.pieces) {
      append_number(out, piece.id);
      append_text(out, piece.content);
    }
  }
  return bytes(std::move(out));
}

result<std::vector<before_image>> decode_before_images(const bytes& data) {
  std::vector<before_image> images;
  if (data.empty()) {
    return images;
  }
  row_reader in(data.view());
  const bool known = in.byte() == image_version;
  const auto count = known ? in.number() : 0;
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) {
    images.push_back(read_image(in));
  }
  if (!known || !in.done()) {
    return error{ec::corrupt_store, "stored before-images do not decode", 0};
  }
  return images;
}

} // namespace ros::sync
