#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "support/model_files.h"

namespace lims {
namespace {

const std::filesystem::path kShared = LIMS_SHARED_DIR;

std::vector<std::string> Split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (std::size_t at = 0;;) {
    const auto end = text.find(separator, at);
    parts.emplace_back(text.substr(at, end - at));
    if (end == std::string_view::npos) return parts;
    at = end + separator.size();
  }
}

using Row = std::map<std::string, std::string>;

// The tables name a document beside them; the specification calls it its model basis.
std::string OwnWords(std::string text) {
  constexpr std::string_view kDocument = "domain.md";
  for (std::size_t at = 0; (at = text.find(kDocument, at)) != std::string::npos;) {
    text.replace(at, kDocument.size(), "model basis");
  }
  return text;
}

std::vector<Row> ReadTable(const std::filesystem::path& path) {
  std::vector<Row> rows;
  std::vector<std::string> header;
  for (const auto& line : Split(ReadFile(path), "\n")) {
    if (line.empty()) continue;
    auto cells = Split(line, "\t");
    if (header.empty()) {
      header = cells;
      continue;
    }
    cells.resize(header.size());
    Row row;
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = OwnWords(cells[i]);
    rows.push_back(row);
  }
  return rows;
}

template <typename Range, typename Print>
std::string Join(const Range& values, std::string_view separator, Print print) {
  std::string text;
  for (const auto& value : values) {
    if (!text.empty()) text += separator;
    text += print(value);
  }
  return text;
}

std::string WithoutPrefix(const std::string& name, std::string_view prefix) {
  EXPECT_TRUE(name.starts_with(prefix)) << name;
  return name.substr(prefix.size());
}

std::string Gates(const google::protobuf::RepeatedPtrField<v1::GateAssignment>& gates) {
  return Join(gates, "; ", [](const v1::GateAssignment& gate) {
    const std::string name = WithoutPrefix(v1::Gate_Name(gate.gate()), "GATE_");
    return (name == "BANK" ? "B" : name) + ":" + Join(gate.lot_kinds(), ",", [](int kind) {
             return WithoutPrefix(v1::LotKind_Name(static_cast<v1::LotKind>(kind)), "LOT_KIND_");
           });
  });
}

void AddBound(const v1::Bound& bound, std::string_view sign, std::string& text) {
  if (bound.operator_() == v1::OPERATOR_UNSPECIFIED) return;
  if (!text.empty()) text += " and ";
  text += sign;
  text += bound.operator_() == v1::OPERATOR_INCLUSIVE ? "= " : " ";
  text += bound.fact().empty() ? bound.value() : "bound from lot field " + bound.fact();
}

const auto kSame = [](const std::string& text) { return text; };

std::string Criteria(const v1::SpecificationLine& line) {
  return Join(line.criteria(), " and ", [](const v1::Criterion& criterion) {
    if (!criterion.accepted_codes().empty()) {
      return "one of {" + Join(criterion.accepted_codes(), ",", kSame) + "}";
    }
    std::string text;
    AddBound(criterion.lower(), ">", text);
    AddBound(criterion.upper(), "<", text);
    return text;
  });
}

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// The tables name calculators of later versions behind the typed one that serves until those exist.
// Automated culture is read like any other sterility test.
std::string CurrentAssay(const std::string& code, const std::string& cell) {
  if (code == "STER-R") return "sterility";
  return cell.substr(0, cell.find(' '));
}

TEST(ExternalModelSpecification, CarriesEveryColumnOfEveryLine) {
  const auto path = kShared / "specification-lines.tsv";
  if (!std::filesystem::exists(path)) GTEST_SKIP();
  const auto rows = ReadTable(path);
  const auto text = ReadModelSpecification();
  const auto methods = ReadMethods();
  ASSERT_EQ(text.lines_size(), static_cast<int>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& line = text.lines(static_cast<int>(i));
    const auto& method = methods.at(line.method_id());
    Row found;
    found["no"] = line.number();
    found["code"] = line.line_code();
    found["name_en"] = line.name_en();
    found["name_zh"] = line.name_zh();
    found["panel"] = line.panel();
    found["method"] = fmt::format("{} v{}", line.method_id(), method.version());
    found["assay"] = method.assay();
    found["result_kind"] =
        Lower(WithoutPrefix(v1::ResultKind_Name(line.result_kind()), "RESULT_KIND_"));
    found["criteria"] = Criteria(line);
    found["unit_printed"] = line.unit_printed();
    found["unit_ucum"] = line.unit();
    const bool observation = line.result_kind() == v1::RESULT_KIND_OBSERVATION;
    found["decimals"] = observation ? "" : std::to_string(line.decimals());
    found["rounding"] =
        observation ? "" : WithoutPrefix(v1::RoundingRule_Name(line.rounding()), "ROUNDING_RULE_");
    found["plausible_min"] = line.plausible_min();
    found["plausible_max"] = line.plausible_max();
    found["observation_codes"] =
        Join(line.codes(), ",", [](const v1::CodeText& code) { return code.code(); });
    found["gates"] = Gates(line.gates());
    found["applicability"] =
        line.applicability().fact().empty()
            ? "always"
            : line.applicability().fact() + " = " + line.applicability().value();
    found["replicates"] = line.replicates();
    found["verdict_mode"] =
        WithoutPrefix(v1::VerdictMode_Name(line.verdict_mode()), "VERDICT_MODE_");
    found["clause"] = line.clause();
    found["source"] = line.source();
    found["note"] = line.note();
    Row expected = rows[i];
    expected["assay"] = CurrentAssay(line.line_code(), expected["assay"]);
    EXPECT_EQ(found, expected) << line.line_code();
  }
}

TEST(ExternalModelSpecification, PrintsCodesAsTheRemarksSay) {
  const auto path = kShared / "specification-lines.tsv";
  if (!std::filesystem::exists(path)) GTEST_SKIP();
  const auto rows = ReadTable(path);
  const auto text = ReadModelSpecification();
  ASSERT_EQ(text.lines_size(), static_cast<int>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& line = text.lines(static_cast<int>(i));
    const std::string& note = rows[i].at("note");
    const std::string printed = Join(line.codes(), "; ", [](const v1::CodeText& code) {
      return code.code() + " = " + code.text_zh();
    });
    if (!printed.empty()) {
      EXPECT_NE(note.find("Print: " + printed + "."), std::string::npos) << line.line_code();
    }
    for (const auto& code : line.codes()) {
      const bool open = note.find(code.code() + " is neither pass nor fail") != std::string::npos;
      const auto& codes = line.criteria(0).inconclusive_codes();
      EXPECT_EQ(std::find(codes.begin(), codes.end(), code.code()) != codes.end(), open)
          << line.line_code() << " " << code.code();
    }
  }
}

TEST(ExternalModelSpecification, CarriesEveryColumnOfEveryAttestation) {
  const auto path = kShared / "specification-attestations.tsv";
  if (!std::filesystem::exists(path)) GTEST_SKIP();
  const auto rows = ReadTable(path);
  const auto text = ReadModelSpecification();
  ASSERT_EQ(text.attestations_size(), static_cast<int>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& line = text.attestations(static_cast<int>(i));
    const Row found = {
        {"code", line.code()},         {"name_en", line.name_en()},
        {"name_zh", line.name_zh()},   {"role", WithoutPrefix(v1::Role_Name(line.role()), "ROLE_")},
        {"gate", Gates(line.gates())}, {"document_kind", line.document_kind()},
        {"source/tag", line.source()}, {"note", line.note()}};
    EXPECT_EQ(found, rows[i]);
    const bool barred = line.note().find("no analyst") != std::string::npos ||
                        line.note().starts_with("As AT-RUNS");
    EXPECT_EQ(line.excludes_analysts(), barred) << line.code();
    EXPECT_EQ(line.covers_attempts(), line.code().find("AT-RUNS") != std::string::npos);
    const bool second_look = line.name_en().find("since the S1") != std::string::npos ||
                             line.name_en().find("from S1 to") != std::string::npos;
    EXPECT_EQ(line.since_conditional_release(), second_look) << line.code();
  }
}

std::string TypeText(const v1::FactDefinition& fact) {
  switch (fact.type()) {
    case v1::FACT_TYPE_DECIMAL:
      return fmt::format("decimal, {} decimal", fact.decimals());
    case v1::FACT_TYPE_INTEGER:
      return "integer";
    case v1::FACT_TYPE_YES_NO:
      return "yes_no";
    case v1::FACT_TYPE_DOCUMENT:
      return "document reference";
    case v1::FACT_TYPE_LOT:
      return "lot reference (kind " +
             WithoutPrefix(v1::LotKind_Name(fact.lot_kind()), "LOT_KIND_") + ")";
    default:
      return "";
  }
}

TEST(ExternalModelSpecification, CarriesEveryColumnOfEveryFact) {
  const auto path = kShared / "specification-lot-facts.tsv";
  if (!std::filesystem::exists(path)) GTEST_SKIP();
  const auto rows = ReadTable(path);
  const auto text = ReadModelSpecification();
  ASSERT_EQ(text.facts_size(), static_cast<int>(rows.size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& fact = text.facts(static_cast<int>(i));
    const Row found = {{"fact", fact.fact()},
                       {"type", TypeText(fact)},
                       {"unit", fact.unit() == "{passage}" ? "passage" : fact.unit()},
                       {"meaning", fact.meaning()},
                       {"used_by_lines", fact.used_by()}};
    EXPECT_EQ(found, rows[i]);
    std::size_t named = 0;
    for (const auto& line : text.lines()) {
      // A line is named where its code stands alone.
      const std::string cell = " " + rows[i].at("used_by_lines") + " ";
      for (const char* end : {" ", ","}) {
        named += cell.find(" " + line.line_code() + end) != std::string::npos ? 1u : 0u;
      }
    }
    EXPECT_EQ(static_cast<std::size_t>(fact.used_by_lines_size()), named) << fact.fact();
  }
}

}  // namespace
}  // namespace lims
