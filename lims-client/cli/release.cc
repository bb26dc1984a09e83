// lims release prepare|sign|reject|withdraw|recall|hold|unhold
#include "cli/commands.h"
#include "cli/signing.h"

namespace lims::client {
namespace {

struct ReleaseOptions {
  v1::Intent intent;
  std::string lot;
  SigningOptions signing;
};

// A signed verb on a lot; `options->intent` is complete but for the lot.
void BindSigned(CLI::App* verb, Context& context, const std::shared_ptr<ReleaseOptions>& options,
                v1::Meaning meaning, std::function<void(ReleaseOptions*)> set_lot) {
  verb->add_option("LOT", options->lot, "Lot number")->required();
  context.Bind(verb, [=](Context& c) {
    set_lot(options.get());
    return RunSignedAct(c, options->signing,
                        {meaning, "lot/" + options->lot,
                         [options](Client&) -> Result<v1::Intent> { return options->intent; }});
  });
}

void AddPrepare(CLI::App* release, Context& context) {
  const auto options = std::make_shared<ReleaseOptions>();
  v1::ReleaseIntent* intent = options->intent.mutable_release();
  CLI::App* verb = release->add_subcommand("prepare", "Build what the release decision rests on");
  BindSigned(verb, context, options, v1::MEANING_RELEASE, [](ReleaseOptions* o) {
    o->signing.prepare = true;
    o->intent.mutable_release()->set_lot_id(o->lot);
  });
  verb->add_option_function<std::string>(
          "--decision",
          [intent](const std::string& text) {
            intent->set_decision(text == "RELEASE" ? v1::DECISION_RELEASE
                                                   : v1::DECISION_CONDITIONAL_RELEASE);
          },
          "RELEASE or CONDITIONAL")
      ->check(CLI::IsMember({"RELEASE", "CONDITIONAL"}))
      ->required();
  verb->add_option("--remarks", *intent->mutable_remarks(), "Restrictions");
  verb->add_option_function<std::vector<std::string>>(
      "--receiving-site",
      [intent](const std::vector<std::string>& sites) {
        for (const std::string& site : sites) intent->add_receiving_sites(site);
      },
      "Who receives doses of a conditional release");
  verb->add_option("--out", options->signing.out, "File for the manifest")->required();
}

void AddSign(CLI::App* release, Context& context) {
  const auto options = std::make_shared<ReleaseOptions>();
  CLI::App* verb = release->add_subcommand("sign", "Sign a prepared release decision");
  BindSigned(verb, context, options, v1::MEANING_RELEASE, [](ReleaseOptions*) {});
  verb->add_option("--manifest", options->signing.manifest, "The prepared manifest")->required();
  verb->add_option("--password-file", options->signing.password_file,
                   "File with the signer's password");
  verb->add_option("--comment", options->signing.comment,
                   "Remark of the signer, signed with the rest");
}

// --reason, needed unless a prepared manifest is signed.
void AddReason(CLI::App* verb, std::string* reason) {
  verb->add_option("--reason", *reason, "Why");
}

// A verb that takes a lot and a reason; `mutable_act` is the act in the intent.
template <typename Act>
void AddWithReason(CLI::App* release, Context& context, const std::string& name,
                   const std::string& description, v1::Meaning meaning,
                   Act* (v1::Intent::*mutable_act)()) {
  const auto options = std::make_shared<ReleaseOptions>();
  CLI::App* verb = release->add_subcommand(name, description);
  BindSigned(verb, context, options, meaning,
             [mutable_act](ReleaseOptions* o) { (o->intent.*mutable_act)()->set_lot_id(o->lot); });
  AddReason(verb, (options->intent.*mutable_act)()->mutable_reason());
  AddSigningOptions(verb, &options->signing);
}

void AddUnhold(CLI::App* release, Context& context) {
  const auto options = std::make_shared<ReleaseOptions>();
  v1::UnholdIntent* intent = options->intent.mutable_unhold();
  CLI::App* verb = release->add_subcommand("unhold", "Lift a hold (signed)");
  verb->add_option("LOT", options->lot, "Lot number")->required();
  context.Bind(verb, [=](Context& c) {
    return RunSignedAct(
        c, options->signing,
        {v1::MEANING_UNHOLD, "lot/" + options->lot, [options](Client&) -> Result<v1::Intent> {
           v1::UnholdIntent* unhold = options->intent.mutable_unhold();
           unhold->set_lot_id(options->lot);
           if (unhold->number() == 0) {
             return InvalidArgument("--number", "which hold? lims lot show " + options->lot);
           }
           return options->intent;
         }});
  });
  verb->add_option_function<std::int32_t>(
      "--number", [intent](std::int32_t number) { intent->set_number(number); },
      "Number of the hold");
  AddReason(verb, intent->mutable_reason());
  AddSigningOptions(verb, &options->signing);
}

}  // namespace

void AddReleaseCommands(CLI::App& app, Context& context) {
  CLI::App* release = AddNoun(app, "release", "Decisions about a lot");
  AddPrepare(release, context);
  AddSign(release, context);
  AddWithReason(release, context, "reject", "Reject a lot for ever (signed)", v1::MEANING_REJECT,
                &v1::Intent::mutable_reject);
  AddWithReason(release, context, "withdraw",
                "Withdraw the release of a lot; what was made from it is blocked (signed)",
                v1::MEANING_WITHDRAW, &v1::Intent::mutable_withdraw);
  AddWithReason(
      release, context, "recall",
      "Recall a lot for ever that was released, or failed after a conditional release (signed)",
      v1::MEANING_RECALL, &v1::Intent::mutable_recall);
  AddWithReason(release, context, "hold", "Hold a lot (signed)", v1::MEANING_HOLD,
                &v1::Intent::mutable_hold);
  AddUnhold(release, context);
}

}  // namespace lims::client
