// JUDGEs that ask a server with every log-in (http-api.md 4.5, 4.6, 9.3).
#pragma once

#include "judge.hpp"

#include <memory>
#include <string>
#include <vector>

namespace ros::actors {

struct google_rules {
  std::vector<std::string> client_ids; ///< not empty; the first is the one with the secret
  std::string client_secret{};         ///< empty: authorisation codes are refused
  std::string token_info_url = "https://www.googleapis.com/oauth2/v3/tokeninfo";
  std::string token_url = "https://oauth2.googleapis.com/token";
};
/// An id token in `data`, or an authorisation code in the extras' `authCode`.
std::unique_ptr<judge> google_judge(judge_means means, google_rules rules);

struct facebook_rules {
  std::string app_id{}, app_secret{}; ///< both, or tokens of any app are taken
  std::string graph_url = "https://graph.facebook.com";
};
std::unique_ptr<judge> facebook_judge(judge_means means, facebook_rules rules);

struct cloudkit_rules {
  std::string key_id;
  std::string private_key; ///< PEM, EC P-256
  std::string container;
  std::string environment = "development";
  std::string api_url = "https://api.apple-cloudkit.com";
};
std::unique_ptr<judge> cloudkit_judge(judge_means means, cloudkit_rules rules);

struct webhook_rules {
  std::string provider; ///< "custom/<name>"
  std::string url;
  std::string secret;
};
/// A server of the operator's decides.
std::unique_ptr<judge> webhook_judge(judge_means means, webhook_rules rules);

/// A POST of JSON to a webhook, signed: `X-Realm-Signature: sha256=<hex>` is the HMAC-SHA256
/// of the body under the secret, absent without secret.
web_call webhook_call(const std::string& url, const std::string& secret, std::string body);

} // namespace ros::actors
