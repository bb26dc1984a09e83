#include "cli/result_view.h"

#include <vector>

#include "core/findings.h"
#include "core/render.h"
#include "core/shapes.h"

namespace lims::client {
namespace {

using nlohmann::ordered_json;

std::string Text(const ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : "";
}

// "1, 2"; empty for a value of its own attempt alone.
std::string AttemptsOf(const ordered_json& result) {
  if (!result.contains("attempts")) return "";
  return Joined(result["attempts"], [](const ordered_json& number) { return number.dump(); });
}

std::vector<LineResult> LinesOf(const v1::SubmitResultResponse& response) {
  std::vector<LineResult> lines;
  for (const v1::Result& result : response.results()) {
    lines.push_back(
        {result.line_code(), &response.attempt(), &result, &response.run(), &response.receipt()});
  }
  return lines;
}

// The line that was asked for, or the panel when it has several lines and was asked for as such.
ordered_json SubmittedJson(const v1::SubmitResultResponse& response, const std::string& name,
                           bool one_value) {
  const std::vector<LineResult> lines = LinesOf(response);
  ordered_json results = ordered_json::array();
  for (const LineResult& line : lines) {
    if (one_value && (line.line == name || lines.size() == 1)) return ResultJson(line);
    results.push_back(ResultJson(line));
  }
  ordered_json document =
      ResultJson({name, &response.attempt(), nullptr, &response.run(), &response.receipt()});
  if (one_value) return document;
  return {{"lot", document["lot"]},         {"panel", response.attempt().panel()},
          {"attempt", document["attempt"]}, {"checks", document["checks"]},
          {"flags", document["flags"]},     {"results", std::move(results)},
          {"receipt", document["receipt"]}};
}

}  // namespace

std::string RenderResults(const ordered_json& results) {
  std::vector<std::vector<std::string>> rows;
  for (const ordered_json& result : results) {
    const ordered_json& attempt = result["attempt"];
    const std::string run = attempt.contains("run") ? " " + attempt["run"].get<std::string>() : "";
    rows.push_back({result["line"], attempt["number"].dump(),
                    attempt["kind"].get<std::string>() + run, attempt["outcome"],
                    ForJudging(Text(result["value_raw"])), Text(result["value_reported"]),
                    Text(result["unit"]), Text(result["verdict"]),
                    Joined(result["flags"], FlagText), AttemptsOf(result)});
  }
  return RenderTable({"LINE", "ATTEMPT", "KIND", "OUTCOME", "RAW", "REPORTED", "UNIT", "VERDICT",
                      "FLAGS", "RESTS ON ATTEMPTS"},
                     rows);
}

Result<int> ShowSubmitted(Context& context, const v1::SubmitResultResponse& response,
                          const std::string& asked, bool one_value) {
  ordered_json all = ordered_json::array();
  for (const LineResult& line : LinesOf(response)) all.push_back(ResultJson(line));
  const ordered_json document = SubmittedJson(response, asked, one_value);
  if (all.empty())
    all.push_back(
        ResultJson({asked, &response.attempt(), nullptr, &response.run(), &response.receipt()}));
  return context.Show(document, RenderResults(all) + FailedChecks("", response.run().checks()) +
                                    FailedChecks("", response.attempt().checks()) +
                                    "recorded at log index " +
                                    std::to_string(response.receipt().log_index()) + "\n");
}

}  // namespace lims::client
