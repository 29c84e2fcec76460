// Golden vectors of the codec: what decodes, to what, and what is refused.
#include "sync/changeset_codec.hpp"
#include "vectors/vector_changeset.hpp"
#include "vectors/vector_json.hpp"

#include <algorithm>
#include <array>

namespace ros::vectors {
namespace {

std::string raw_bytes(const json::object& v) {
  return from_hex(v.at("raw").as_string());
}

sync::result<sync::changeset> parse_raw(const json::object& v) {
  return sync::parse_changeset(sync::bytes(raw_bytes(v)));
}

void check_accepted(const json::object& v, checks& c) {
  const auto parsed = parse_raw(v);
  if (!parsed) {
    c.fail("refused: " + parsed.error().message);
    return;
  }
  const json::value& canonical = v.at("canonical");
  const std::string canonical_bytes = changeset_bytes(canonical);
  c.expect_bytes("encode(decode(raw))", sync::encode_changeset(*parsed), canonical_bytes);
  if (!canonical_bytes.empty()) { // else the strings are gone in the encoding
    const json::object decoded = changeset_to_json(*parsed);
    c.expect_json("strings", decoded.at("strings"), canonical.at("strings"));
    c.expect_json("instructions", decoded.at("ins"), canonical.at("ins"));
  }
  check_changeset(canonical, c);
  c.expect_bytes("encode(JSON)", sync::encode_changeset(changeset_from_json(canonical)),
                 canonical_bytes);
  if (has_tag(v, "canonical")) {
    c.expect_bytes("raw of a canonical vector", raw_bytes(v), canonical_bytes);
  }
}

/// Lenient vectors without a `strict` tag that are refused all the same: rows
/// S2 to S4 and S9 of changesets.md 8.2, which the vectors leave to the server.
constexpr std::array<std::string_view, 15> refused_by_choice{
    "decimal-huge-exponent",                          // S9
    "mutation-315-of-value-decimal-0.001",            // S3
    "mutation-318-of-path-emptykey",                  // S3
    "mutation-375-of-addtable-pk-int-asymmetric",     // S4
    "mutation-575-of-value-decimal-NaN",              // S9
    "mutation-700-of-value-decimal-0.001",            // S3
    "mutation-758-of-value-timestamp0ns1",            // S3
    "mutation-815-of-addcolumn-int-dict",             // S4
    "mutation-985-of-value-double-8",                 // S3
    "mutation-992-of-addcolumn-string-dict-nullable", // S4
    "mutation-1022-of-value-string-notutf8",          // S3
    "mutation-1062-of-value-decimal--1",              // S4
    "mutation-1192-of-value-decimal-Inf",             // S4
    "mutation-1328-of-addcolumn-bool-dict",           // S4
    "mutation-1415-of-addcolumn-link-list",           // S4
};

void check_refused(const json::object& v, checks& c) {
  const auto parsed = parse_raw(v);
  if (parsed) {
    c.fail("accepted");
    return;
  }
  c.expect(parsed.error().code == sync::ec::bad_changeset, "error code is not bad_changeset");
  c.expect(parsed.error().message.find("(byte ") != std::string::npos,
           "no offset in \"" + parsed.error().message + '"');
}

void check_lenient(const json::object& v, checks& c) {
  const std::string_view id = v.at("id").as_string();
  if (has_tag_starting_with(v, "strict:") ||
      std::ranges::find(refused_by_choice, id) != refused_by_choice.end()) {
    check_refused(v, c);
  } else {
    check_accepted(v, c);
  }
}

} // namespace

class codec_vectors : public suite {};
TEST_P(codec_vectors, decode_and_encode) {
  run_file(GetParam(), check_accepted);
}
VECTOR_SUITE(codec_vectors, [] {
  auto found = files("codec/changesets");
  std::ranges::move(files("codec/mutated"), std::back_inserter(found));
  std::erase_if(found, [](const file& f) { return f.name.ends_with("lenient"); });
  return found;
}());

class lenient_vectors : public suite {};
TEST_P(lenient_vectors, are_accepted_unless_a_strict_server_refuses_them) {
  run_file(GetParam(), check_lenient);
}
VECTOR_SUITE(lenient_vectors, [] {
  auto found = files("codec/");
  std::erase_if(found, [](const file& f) { return !f.name.ends_with("lenient"); });
  return found;
}());

class malformed_vectors : public suite {};
TEST_P(malformed_vectors, are_refused) {
  run_file(GetParam(), check_refused);
}
VECTOR_SUITE(malformed_vectors, files("malformed/"));
} // namespace ros::vectors
