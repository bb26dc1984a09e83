// lims lot clear-look|certificate|confirm-certificate|scan
#include "cli/attach.h"
#include "cli/commands.h"
#include "core/files.h"
#include "lims/v1/lot_service.pb.h"

namespace lims::client {
namespace {

void AddClearLook(CLI::App* lot, Context& context) {
  CLI::App* verb =
      lot->add_subcommand("clear-look", "Accept that data somebody looked at were not submitted");
  const auto request = BindWrite<v1::ClearLookRequest, v1::ClearLookResponse>(context, verb);
  verb->add_option("LOT", *request->mutable_lot_id(), "Lot number")->required();
  verb->add_option_function<int>(
          "NUMBER", [=](int number) { request->set_number(number); }, "Number of the look")
      ->required();
  verb->add_option("--reason", *request->mutable_reason(), "Why they were not submitted")
      ->required();
}

// What both people type.
template <typename Request>
void AddCertificateOptions(CLI::App* verb, const std::shared_ptr<Request>& request) {
  verb->add_option("LOT", *request->mutable_lot_id(), "Lot number")->required();
  verb->add_option("--issuer", *request->mutable_issuer(), "Who issued it")->required();
  verb->add_option("--number", *request->mutable_certificate_number(), "Its number")->required();
  verb->add_option("--issued", *request->mutable_issued_date(), "Day of issue: 2026-03-01")
      ->required();
  verb->add_option_function<std::vector<std::string>>(
          "--lines",
          [request](const std::vector<std::string>& names) {
            request->mutable_lines()->Assign(names.begin(), names.end());
          },
          "Lines or panels that it speaks for: KARYO,HV-PCR")
      ->delimiter(',')
      ->required();
}

Result<int> Transcribe(Context& context, v1::TranscribeCertificateRequest request,
                       const std::string& scan) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_RETURN_IF_ERROR(Attach("--scan", scan, *client, request.mutable_scan()));
  return WriteAndShow<v1::TranscribeCertificateResponse>(context, request);
}

void AddCertificate(CLI::App* lot, Context& context) {
  const auto request = std::make_shared<v1::TranscribeCertificateRequest>();
  const auto scan = std::make_shared<std::string>();
  CLI::App* verb =
      lot->add_subcommand("certificate", "Copy another laboratory's certificate for a bank");
  AddCertificateOptions(verb, request);
  verb->add_option("--scan", *scan, "Scan of the certificate")->required();
  context.Bind(verb, [=](Context& c) { return Transcribe(c, *request, *scan); });

  verb = lot->add_subcommand("confirm-certificate", "Type the certificate again, as second person");
  AddCertificateOptions(
      verb,
      BindWrite<v1::ConfirmCertificateRequest, v1::ConfirmCertificateResponse>(context, verb));
}

Result<int> FetchScan(Context& context, const v1::GetLotRequest& request, const std::string& path) {
  LIMS_ASSIGN_OR_RETURN(Client * client, context.client());
  LIMS_ASSIGN_OR_RETURN(const auto lot, client->Read<v1::GetLotResponse>(request));
  if (lot.certificates().empty()) {
    return MakeError(ErrorReason::kNotFound, "lot " + request.lot_id() + " has no certificate");
  }
  const v1::ExternalCertificate& certificate = lot.certificates(0);
  LIMS_ASSIGN_OR_RETURN(const std::string bytes, client->ReadCertificate(certificate));
  LIMS_RETURN_IF_ERROR(WriteNewFile("--out", path, bytes));
  return context.Show(certificate);
}

void AddScan(CLI::App* lot, Context& context) {
  const auto request = std::make_shared<v1::GetLotRequest>();
  const auto path = std::make_shared<std::string>();
  CLI::App* verb = lot->add_subcommand("scan", "Fetch the scan of a bank's certificate");
  verb->add_option("LOT", *request->mutable_lot_id(), "Lot number")->required();
  verb->add_option("--out", *path, "File to write it into")->required();
  context.Bind(verb, [=](Context& c) { return FetchScan(c, *request, *path); });
}

}  // namespace

void AddLotEvidence(CLI::App* lot, Context& context) {
  AddClearLook(lot, context);
  AddCertificate(lot, context);
  AddScan(lot, context);
}

}  // namespace lims::client
