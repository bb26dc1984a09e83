#include "core/findings.h"

#include <algorithm>
#include <vector>

#include "base/decimal.h"
#include "core/render.h"
#include "lims/v1/words.h"

namespace lims::client {
namespace {

using FindingRows = std::vector<std::vector<std::string>>;
using Checks = google::protobuf::RepeatedPtrField<v1::Check>;
using Figures = google::protobuf::RepeatedPtrField<v1::NamedValue>;

constexpr int kDigitsForReading = 4;
constexpr int kDigitsForJudging = 10;
constexpr std::string_view kLower = "_lower";
constexpr std::string_view kUpper = "_upper";
constexpr std::string_view kVendor = "vendor_";

// Whole digits are kept, zero is 0. A number of many digits may have an exponent.
std::string Shortened(const std::string& word, int digits) {
  const Result<Decimal> number = Decimal::Parse(word);
  if (!number) return word;
  const std::string mantissa = word.substr(0, word.find_first_of("eE"));
  const std::size_t first = mantissa.find_first_of("123456789");
  if (first == std::string::npos) return number->Round(0, Rounding::kHalfUp).ToString();
  const auto significant =
      static_cast<int>(std::count_if(mantissa.begin() + static_cast<std::ptrdiff_t>(first),
                                     mantissa.end(), [](char c) { return c != '.'; }));
  if (significant <= digits || number->decimals() == 0) return word;
  const int places = std::max(0, number->decimals() - (significant - digits));
  return number->Round(places, Rounding::kHalfUp).ToString();
}

// Each number of the text; a sign as < stands before one.
std::string NumbersShortened(std::string_view text, int digits) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" ,;<>"), text.size());
    out += Shortened(std::string(text.substr(0, end)), digits);
    if (end < text.size()) out += text[end];
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

// A check that holds because its control was not needed does not look like one that was met.
const char* OutcomeWord(const v1::Check& check) {
  if (!check.ok()) return "FAILED";
  return check.observed() == v1::kNotRead ? "not assessed" : "ok";
}

void AddChecks(const std::string& of, const Checks& checks, bool ok, FindingRows* rows) {
  for (const v1::Check& check : checks) {
    if (check.ok() != ok) continue;
    rows->push_back({OutcomeWord(check), of, check.name(), check.scope(),
                     ok ? ForReading(check.observed()) : ForJudging(check.observed()),
                     check.criterion()});
  }
}

const v1::NamedValue* FindFigure(const Figures& figures, const std::string& name) {
  const auto found = std::find_if(figures.begin(), figures.end(),
                                  [&](const auto& each) { return each.name() == name; });
  return found == figures.end() ? nullptr : &*found;
}

std::string WithoutEnding(std::string_view text, std::string_view ending) {
  return std::string(text.substr(0, text.size() - std::min(text.size(), ending.size())));
}

// A row for each number; limits and vendor's numbers without one have a row of their own. What is
// no number is a line of words: a list of wells would push the columns off the screen.
void AddFigures(const std::string& of, const Figures& figures, FindingRows* rows,
                std::string* words) {
  for (const v1::NamedValue& figure : figures) {
    std::string name = figure.name();
    std::string value = ForReading(figure.value());
    const v1::NamedValue* vendor = FindFigure(figures, std::string(kVendor) + name);
    if (name.starts_with(kVendor)) {
      name.erase(0, kVendor.size());
      if (FindFigure(figures, name) != nullptr) continue;
      vendor = &figure;
      value.clear();
    }
    const std::string stem = WithoutEnding(name, kLower);  // the endings are of one length
    const bool is_limit = (name.ends_with(kLower) || name.ends_with(kUpper)) &&
                          FindFigure(figures, stem + std::string(kLower)) != nullptr &&
                          FindFigure(figures, stem + std::string(kUpper)) != nullptr;
    if (is_limit) {
      if (name.ends_with(kUpper)) continue;
      name = stem;
      if (FindFigure(figures, name) != nullptr) continue;
      value.clear();
    }
    if (!value.empty() && !Decimal::Parse(value)) {
      *words += Printable(of + " " + name + ": " + value) + "\n";
      continue;
    }
    const v1::NamedValue* lower = FindFigure(figures, name + std::string(kLower));
    const v1::NamedValue* upper = FindFigure(figures, name + std::string(kUpper));
    rows->push_back({of, name, value, figure.unit(),
                     lower == nullptr || upper == nullptr
                         ? ""
                         : ForReading(lower->value()) + " to " + ForReading(upper->value()),
                     vendor == nullptr ? "" : ForReading(vendor->value())});
  }
}

// Without the columns that no row fills.
std::string RenderFilled(const std::vector<std::string>& header, const FindingRows& rows) {
  std::vector<std::string> filled;
  FindingRows cells(rows.size());
  for (std::size_t column = 0; column < header.size(); ++column) {
    if (std::all_of(rows.begin(), rows.end(),
                    [column](const auto& row) { return row[column].empty(); })) {
      continue;
    }
    filled.push_back(header[column]);
    for (std::size_t i = 0; i < rows.size(); ++i) cells[i].push_back(rows[i][column]);
  }
  return RenderSection(filled, cells);
}

}  // namespace

std::string ForReading(std::string_view text) {
  return NumbersShortened(text, kDigitsForReading);
}

std::string ForJudging(std::string_view text) {
  return NumbersShortened(text, kDigitsForJudging);
}

std::string NameOf(const v1::Attempt& attempt) {
  return attempt.lot_id() + " " + attempt.panel() + "/" + std::to_string(attempt.number());
}

std::string FailedChecks(const std::string& of, const Checks& checks) {
  std::string out;
  for (const v1::Check& check : checks) {
    if (check.ok()) continue;
    out += Printable("check failed" + (of.empty() ? "" : ", " + of) + ": " + check.name() +
                     (check.scope().empty() ? "" : " " + check.scope()) + ": " +
                     ForJudging(check.observed()) + ", asked " + check.criterion()) +
           "\n";
  }
  return out;
}

std::string RenderEntries(const google::protobuf::RepeatedPtrField<v1::Attempt>& attempts) {
  FindingRows rows;
  for (const v1::Attempt& attempt : attempts) {
    for (const v1::TypedEntry& entry : attempt.entries()) {
      rows.push_back({NameOf(attempt), entry.input(), std::to_string(entry.replicate()),
                      EnumName(entry.value().qualifier()), entry.value().value(),
                      entry.value().unit(), entry.description()});
    }
  }
  return RenderFilled(
      {"TYPED FOR", "INPUT", "REPLICATE", "QUALIFIER", "VALUE", "UNIT", "DESCRIPTION"}, rows);
}

std::string RenderChecks(const v1::Run& run,
                         const google::protobuf::RepeatedPtrField<v1::Attempt>& attempts) {
  FindingRows rows;
  for (const bool ok : {false, true}) {
    AddChecks("run", run.checks(), ok, &rows);
    for (const v1::Attempt& attempt : attempts) {
      AddChecks(NameOf(attempt), attempt.checks(), ok, &rows);
    }
  }
  return RenderFilled({"CHECK", "OF", "NAME", "ON", "OBSERVED", "ASKED"}, rows);
}

std::string RenderFigures(const v1::Run& run,
                          const google::protobuf::RepeatedPtrField<v1::Attempt>& attempts,
                          const google::protobuf::RepeatedPtrField<v1::Result>& results) {
  FindingRows rows;
  std::string words;
  AddFigures("run", run.details(), &rows, &words);
  for (const v1::Attempt& attempt : attempts) {
    AddFigures(NameOf(attempt), attempt.details(), &rows, &words);
  }
  for (const v1::Result& result : results) {
    AddFigures(result.lot_id() + " " + result.line_code(), result.details(), &rows, &words);
  }
  const std::string table =
      RenderFilled({"OF", "FIGURE", "VALUE", "UNIT", "95 % LIMITS", "VENDOR"}, rows);
  return table + (words.empty() ? "" : "\n" + words);
}

}  // namespace lims::client
