#include "lims/v1/words.h"

#include <gtest/gtest.h>

#include "lims/v1/lot.pb.h"
#include "lims/v1/specification.pb.h"

namespace lims::v1 {
namespace {

TEST(Words, EnumStandsWithoutItsPrefix) {
  EXPECT_EQ(EnumWord(DISPOSITION_CONDITIONALLY_RELEASED), "CONDITIONALLY_RELEASED");
  EXPECT_EQ(EnumWord(ROUNDING_RULE_CHP_HALF_EVEN_ROUNDED), "CHP_HALF_EVEN_ROUNDED");
  EXPECT_EQ(EnumWord(ROLE_UNSPECIFIED), "UNSPECIFIED");
  EXPECT_EQ(EnumWord(static_cast<Role>(77)), "77");
}

TEST(Words, QualifierStandsBeforeItsNumber) {
  EXPECT_STREQ(QualifierSign(QUALIFIER_LESS_THAN), "<");
  EXPECT_STREQ(QualifierSign(QUALIFIER_GREATER_THAN), ">");
  EXPECT_STREQ(QualifierSign(QUALIFIER_UNSPECIFIED), "");
}

}  // namespace
}  // namespace lims::v1
