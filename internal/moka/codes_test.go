package moka

import (
	"strings"
	"testing"
)

// printed are the result codes letter for letter as the documentation has them, with the operation on whose page they stand (moka-api 2).
var printed = map[Op]string{
	AddCustomer: `DealerCustomer.AddCustomer.InvalidRequest DealerCustomer.AddCustomer.CustomerCodeAlreadyUsing DealerCustomer.AddCustomer.InvalidEmailFormat`,
	UpdateCustomer: `DealerCustomer.UpdateCustomer.InvalidRequest DealerCustomer.UpdateCustomer.CustomerCodeAlreadyUsing DealerCustomer.UpdateCustomer.InvalidEmailFormat
		DealerCustomer.UpdateCustomer.CustomerCodeOrDealerCustomerIdMustBeGiven DealerCustomer.UpdateCustomer.DealerCustomerNotFound
		DealerCustomer.UpdateCustomer.CustomerCodeDoesntMatchDealerCustomerId`,
	RemoveCustomer: `DealerCustomer.RemoveCustomer.InvalidRequest DealerCustomer.RemoveCustomer.CustomerCodeOrDealerCustomerIdMustBeGiven
		DealerCustomer.RemoveCustomer.DealerCustomerNotFound DealerCustomer.RemoveCustomer.CustomerCodeDoesntMatchDealerCustomerId`,
	GetCustomer:     `DealerCustomer.GetCustomer.InvalidRequest`,
	UpdateCard:      `DealerCustomer.GetCard.InvalidRequest DealerCustomer.GetCard.CardTokenIsRequired DealerCustomer.GetCard.CardNotFound`,
	RemoveCard:      `DealerCustomer.RemoveCard.InvalidRequest DealerCustomer.RemoveCard.CardTokenIsRequired DealerCustomer.RemoveCard.CardNotFound`,
	AddProduct:      `DealerSale.AddProduct.InvalidRequest DealerSale.AddProduct.ProductNameIsRequired DealerSale.AddProduct.ProductCodeAlreadyUsing DealerSale.AddProduct.ProductNameAlreadyExists`,
	DeleteProduct:   `DealerSale.DeleteProduct.InvalidRequest DealerSale.DeleteProduct.ProductCodeOrDealerProductIdMustBeGiven DealerSale.DeleteProduct.ProductNotFound DealerSale.DeleteProduct.ProductCodeDoesntMatchDealerProductId`,
	GetProductList:  `DealerSale.GetProductList.InvalidRequest DealerSale.GetProductList.ProductNotFound DealerSale.GetProductList.NoDataFound`,
	GetScheduleList: `DealerSale.GetScheduleList.InvalidRequest`,
	UpdateSchedule: `DealerSale.UpdateSchedule.InvalidRequest DealerSale.UpdateSchedule.DealerSaleScheduleIdIsRequired DealerSale.UpdateSchedule.ScheduleNotFound
		DealerSale.UpdateSchedule.DaysOfWeekIsRequired DealerSale.UpdateSchedule.DaysOfMonthIsRequired DealerSale.UpdateSchedule.DaysOfWeekFormatError DealerSale.UpdateSchedule.DaysOfMonthFormatError`,
	DeleteSchedule: `DealerSale.DeleteSchedule.InvalidRequest DealerSale.DeleteSchedule.DealerSaleScheduleIdIsRequired DealerSale.DeleteSchedule.ScheduleNotFound`,
	AddSale: `DealerSale.AddSale.InvalidRequest DealerSale.AddSale.CustomerCodeOrDealerCustomerIdMustBeGiven DealerSale.AddSale.ProductCodeOrDealerProductIdMustBeGiven
		DealerSale.AddSale.SaleDateIsRequired DealerSale.AddSale.AmountIsRequired DealerSale.AddSale.DealerSaleScheduleIdIsRequired DealerSale.AddSale.BeginDateIsRequired
		DealerSale.AddSale.EndDateIsRequired DealerSale.AddSale.DefaultCard1TokenIsRequired DealerSale.AddSale.DealerProductIdNotFound DealerSale.AddSale.ProductCodeDoesntMatchDealerProductId
		DealerSale.AddSale.DealerCustomerIdNotFound DealerSale.AddSale.CustomerCodeDoesntMatchDealerCustomerId DealerSale.AddSale.SaleDateAlreadyPassed DealerSale.AddSale.BeginDateAlreadyPassed
		DealerSale.AddSale.EndDateAlreadyPassed DealerSale.AddSale.BeginSaleEndDateException DealerSale.AddSale.DealerSaleScheduleNotFound DealerSale.AddSale.InvalidCardToken
		DealerSale.AddSale.InvalidDefaultCard2Token DealerSale.AddSale.InvalidDefaultCard3Token DealerSale.AddSale.InvalidDealerCustomerTypeId DealerSale.AddSale.InvalidCurrencyCode`,
	DeleteSale: `DealerSale.DeleteSale.InvalidRequest DealerSale.DeleteDealer.DealerSaleNotFund DealerSale.DeleteDealer.SaleCodeDoesntMatchDealerSaleId DealerSale.DeleteSale.SaleCodeOrDealerSaleIdMustBeGiven`,
	DeletePaymentPlan: `DealerSale.DeletePaymentPlan.InvalidRequest DealerSale.DeletePaymentPlan.DealerPaymentPlanIdIsRequired DealerSale.DeletePaymentPlan.PaymentPlanNotFound
		DealerSale.DeletePaymentPlan.PaymentDatePassed`,
}

func TestEveryDocumentedCodeIsARefusalWithAMeaning(t *testing.T) {
	for op, codes := range printed {
		for _, code := range strings.Fields(codes) {
			if !isRefusal(op, code) {
				t.Errorf("%s: %s is no refusal", op, code)
			}
			if text, known := Meaning(code); !known || text == "" {
				t.Errorf("%s has no meaning", code)
			}
		}
	}
	for op, segments := range documented {
		for _, s := range segments {
			if _, known := words[s]; !known {
				t.Errorf("%s: %s has no meaning", op, s)
			}
		}
	}
	for _, code := range []string{"EX", "Success"} {
		if _, known := Meaning(code); !known || isRefusal(AddSale, code) {
			t.Errorf("%s: no meaning, or a refusal", code)
		}
	}
}

// A spelling that Moka corrects without a word is understood, too.
func TestCorrectedSpellings(t *testing.T) {
	for code, op := range map[string]Op{
		"DealerCustomer.UpdateCard.CardNotFound":                  UpdateCard,
		"DealerCustomer.UpdateCard.InvalidRequest":                UpdateCard,
		"DealerSale.DeleteSale.DealerSaleNotFound":                DeleteSale,
		"DealerSale.DeleteSale.DealerSaleNotFund":                 DeleteSale,
		"DealerSale.DeleteSale.SaleCodeDoesntMatchDealerSaleId":   DeleteSale,
		"DealerSale.AddSchedule.DaysOfMonthFormatError":           AddSchedule,
		"DealerSale.UpdateSale.BeginDateAlreadyPassed":            UpdateSale,
		"DealerSale.UpdateSale.SaleCodeOrDealerSaleIdMustBeGiven": UpdateSale,
	} {
		if !isRefusal(op, code) {
			t.Errorf("%s: %s is no refusal", op, code)
		}
	}
}

// Of a code that is not on its list, nobody knows whether the write took effect.
func TestCodesThatProveNothing(t *testing.T) {
	for code, op := range map[string]Op{
		"DealerSale.AddSale.SaleCodeAlreadyUsing":          AddSale,
		"DealerSale.AddSale.DealerSaleNotFound":            AddSale,
		"DealerSale.AddSale.":                              AddSale,
		"DealerSale.AddSale.Sub.InvalidCardToken":          AddSale,
		"DealerCustomer.AddSale.InvalidCardToken":          AddSale,
		"AddSale.InvalidCardToken":                         AddSale,
		"DealerSale.AddPaymentPlan.AmountIsRequired":       AddPaymentPlan,
		"DealerCustomer.AddCustomer.DealerCustomerUnknown": AddCustomer,
		"": AddSale,
	} {
		if isRefusal(op, code) {
			t.Errorf("%s: %q is a refusal", op, code)
		}
	}
}

func TestMeaningOfUnknownCodes(t *testing.T) {
	for _, code := range []string{"", "x", "DealerSale.AddSale.Whatever", "a.b.c.d", "ex", "DealerSale.AddSale.invalidcardtoken"} {
		if text, known := Meaning(code); known || text != "" || MemberOf(code) != "" || Hint(code) != "" {
			t.Errorf("%q: %q, %v", code, text, known)
		}
	}
}

func TestMemberOf(t *testing.T) {
	for code, want := range map[string]string{
		"DealerCustomer.AddCustomer.InvalidEmailFormat":       "Email",
		"DealerCustomer.AddCustomer.CustomerCodeAlreadyUsing": "CustomerCode",
		"DealerSale.AddProduct.ProductNameAlreadyExists":      "ProductName",
		"DealerSale.AddProduct.ProductCodeAlreadyUsing":       "ProductCode",
		"DealerSale.AddSale.BeginDateAlreadyPassed":           "BeginDate",
		"DealerSale.AddSale.InvalidCardToken":                 "DefaultCard1Token",
		"DealerSale.AddSale.InvalidDefaultCard2Token":         "DefaultCard2Token",
		"DealerSale.AddSale.InvalidCurrencyCode":              "Currency",
		"DealerSale.AddSale.DealerProductIdNotFound":          "ProductCode",
		"DealerSale.AddSale.DealerCustomerIdNotFound":         "CustomerCode",
		"DealerSale.AddSale.DealerSaleScheduleNotFound":       "DealerSaleScheduleId",
		"DealerSale.UpdateSchedule.DaysOfWeekFormatError":     "DaysOfWeek",
		"DealerCustomer.GetCard.CardNotFound":                 "CardToken",
		"DealerSale.DeleteDealer.DealerSaleNotFund":           "SaleCode",
		"DealerSale.AddSale.InvalidRequest":                   "",
		"EX":                                                  "",
	} {
		if got := MemberOf(code); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}
