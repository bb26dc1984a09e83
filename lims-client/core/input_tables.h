// The tables and values that people hand to commands. Errors name line and column of the file.
#ifndef LIMS_CLIENT_CORE_INPUT_TABLES_H_
#define LIMS_CLIENT_CORE_INPUT_TABLES_H_

#include <google/protobuf/message.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lims/v1/common.pb.h"
#include "lims/v1/release.pb.h"
#include "lims/v1/run.pb.h"
#include "lims/v1/run_service.pb.h"

namespace lims::client {

// position,role,sample,target,file_name,dilution,omit_reason; the first two are needed.
Result<std::vector<v1::RunPosition>> ParseRunMap(std::string_view csv);
// position,value and, where wanted, unit,target,description.
Result<std::vector<v1::ReadingEntry>> ParseReadings(std::string_view csv);
// line,value and, where wanted, replicate,unit,description. Replicates without number are counted
// from 1 in file order, for each line.
Result<std::vector<v1::TypedEntry>> ParseTypedEntries(std::string_view csv);
// lot,line,value and, where wanted, sample,unit,description,setup (name=value, with ; between): a
// submission for each row.
Result<std::vector<v1::SubmitResultRequest>> ParseResultTable(std::string_view csv);
// fact,value,document.
Result<std::vector<v1::FactDeclaration>> ParseFacts(std::string_view csv);
// code,document.
Result<std::vector<v1::AttestationStatement>> ParseAttestations(std::string_view csv);

// "7.2", "<0.50", "CONFORMS"; `unit` may be empty.
v1::MeasuredValue ParseMeasuredValue(std::string_view text, std::string_view unit);
// A number and its unit: "1 mL", "1mL".
v1::MeasuredValue ParseAmount(std::string_view text);
// "name=value" or, when the value is a number, "name=value unit". INVALID_ARGUMENT names `option`.
Result<v1::NamedValue> ParseNamedValue(std::string_view option, std::string_view text);
// The same of every text that the option was given.
Result<google::protobuf::RepeatedPtrField<v1::NamedValue>> ParseNamedValues(
    std::string_view option, const std::vector<std::string>& texts);

// Reads the protobuf text format of `message`; `file` names it in errors.
Result<void> ParseTextFile(const std::string& file, std::string_view text,
                           google::protobuf::Message* message);

}  // namespace lims::client

#endif  // LIMS_CLIENT_CORE_INPUT_TABLES_H_
