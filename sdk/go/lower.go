//go:build wasip1

package gatewright

// Answers, as the gate reads them.

func lowerOpinion(opinion Opinion) address {
	place := room(abiOpinionSize)
	putVerdict(place+abiOpinionVerdict, opinion.Verdict)
	putList(place+abiOpinionObligations, opinion.Obligations, abiObligationSize, putObligation)
	putList(place+abiOpinionNotes, opinion.Notes, abiNoteSize, putNote)
	return place
}

func lowerRevision(revision Revision, err error) address {
	place := room(abiResultRevisionStringSize)
	payload := place + abiResultRevisionStringPayload
	if err != nil {
		place.putByte(abiResultRevisionStringCaseErr)
		payload.putText(err.Error())
		return place
	}
	place.putByte(abiResultRevisionStringCaseOk)
	putList(payload+abiRevisionEdits, revision.Edits, abiEditSize, putEdit)
	putList(payload+abiRevisionNotes, revision.Notes, abiNoteSize, putNote)
	return place
}

func lowerReport(report Report) address {
	place := room(abiReportSize)
	putFinding(place+abiReportFinding, report.Finding)
	putTexts(place+abiReportLabels, report.Labels)
	putList(place+abiReportCharges, report.Charges, abiChargeSize, putCharge)
	putList(place+abiReportNotes, report.Notes, abiNoteSize, putNote)
	return place
}

func lowerDescription(description Description) address {
	place := room(abiDescriptionSize)
	putOptionalText(place+abiDescriptionSettingsSchema, description.SettingsSchema)
	(place + abiDescriptionPowers).putUint16(uint16(description.Powers))
	putList(place+abiDescriptionRules, description.Rules, abiRuleSize, putRule)
	return place
}

// lowerConfigured says that the settings are accepted, or why they are not.
func lowerConfigured(refused *SettingsError) address {
	place := room(abiResultNoneSettingsErrorSize)
	if refused == nil {
		place.putByte(abiResultNoneSettingsErrorCaseOk)
		return place
	}
	place.putByte(abiResultNoneSettingsErrorCaseErr)
	payload := place + abiResultNoneSettingsErrorPayload
	(payload + abiSettingsErrorPointer).putText(refused.Pointer)
	(payload + abiSettingsErrorMessage).putText(refused.Message)
	return place
}

func putVerdict(place address, verdict Verdict) {
	place.putByte(uint8(verdict.Decision))
	payload := place + abiVerdictPayload
	switch verdict.Decision {
	case DecisionAbstain, DecisionAllow:
	case DecisionDeny:
		(payload + abiDenialRefusal).putByte(uint8(verdict.Denial.Refusal))
		(payload + abiDenialMessage).putText(verdict.Denial.Message)
		putTexts(payload+abiDenialScopes, verdict.Denial.Scopes)
	case DecisionAsk:
		putAsk(payload, verdict.Ask)
	default:
		panic("a verdict has a decision that the contract does not have")
	}
}

func putAsk(place address, ask Ask) {
	(place + abiAskTitle).putText(ask.Title)
	(place + abiAskReason).putText(ask.Reason)
	putTexts(place+abiAskShow, ask.Show)
	putTexts(place+abiAskRoles, ask.Roles)
	(place + abiAskQuorum).putByte(ask.Quorum)
	putBoolean(place+abiAskExcludeRequester, ask.ExcludeRequester)
	putTexts(place+abiAskExclude, ask.Exclude)
	(place + abiAskDecideWithinSeconds).putUint32(ask.DecideWithinSeconds)
	(place + abiAskUseWithinSeconds).putUint32(ask.UseWithinSeconds)
}

func putObligation(place address, obligation Obligation) {
	payload := place + abiObligationPayload
	switch obligation := obligation.(type) {
	case Charge:
		place.putByte(abiObligationCaseCharge)
		putCharge(payload, obligation)
	case Label:
		place.putByte(abiObligationCaseLabel)
		putTexts(payload, obligation)
	case Declassify:
		place.putByte(abiObligationCaseDeclassify)
		putTexts(payload, obligation)
	case Redact:
		place.putByte(abiObligationCaseRedact)
		putTexts(payload, obligation)
	case LimitResult:
		place.putByte(abiObligationCaseLimitResult)
		payload.putUint64(uint64(obligation))
	default:
		panic("an obligation is nil or a pointer")
	}
}

func putCharge(place address, charge Charge) {
	(place + abiChargeKey).putText(charge.Key)
	(place + abiChargeCost).putUint64(charge.Cost)
	limit := place + abiChargeLimit
	switch of := charge.Limit.(type) {
	case BudgetLimit:
		limit.putByte(abiLimitCaseSet)
		(limit + abiLimitPayload).putText(string(of))
	case WindowLimit:
		limit.putByte(abiLimitCaseFixed)
		(limit + abiLimitPayload + abiWindowLimitLimit).putUint64(of.Limit)
		(limit + abiLimitPayload + abiWindowLimitWindowSeconds).putUint32(of.WindowSeconds)
	default:
		panic("the limit of a charge is nil or a pointer")
	}
	onFailure := uint8(abiOnFailureCaseKeep)
	if charge.IsRefundedOnFailure {
		onFailure = abiOnFailureCaseRefund
	}
	(place + abiChargeOnFailure).putByte(onFailure)
}

func putFinding(place address, finding Finding) {
	payload := place + abiFindingPayload
	if finding.IsBlocked {
		place.putByte(abiFindingCaseBlock)
		payload.putText(finding.Message)
		return
	}
	place.putByte(abiFindingCasePass)
	putList(payload, finding.Edits, abiEditSize, putEdit)
}

func putEdit(place address, edit Edit) {
	(place + abiEditPointer).putText(edit.Pointer)
	json := place + abiEditJSON
	if edit.IsRemoval {
		json.putByte(abiOptionStringCaseNone)
		return
	}
	json.putByte(abiOptionStringCaseSome)
	(json + abiOptionStringPayload).putText(edit.JSON)
}

func putNote(place address, note Note) {
	(place + abiNoteRule).putText(note.Rule)
	(place + abiNoteText).putText(note.Text)
}

func putRule(place address, rule Rule) {
	(place + abiRuleID).putText(rule.ID)
	(place + abiRuleTitle).putText(rule.Title)
}

func putBoolean(place address, is bool) {
	if is {
		place.putByte(1)
	}
}

// putOptionalText puts a text that is none where it is empty.
func putOptionalText(place address, text string) {
	if text == "" {
		place.putByte(abiOptionStringCaseNone)
		return
	}
	place.putByte(abiOptionStringCaseSome)
	(place + abiOptionStringPayload).putText(text)
}

func putTexts(place address, texts []string) {
	putList(place, texts, abiStringSize, address.putText)
}

// putList puts elements of so many bytes, one behind the other. Memory for an
// answer is empty, and so is a list in it.
func putList[T any](place address, items []T, size uint32, put func(address, T)) {
	if len(items) == 0 {
		return
	}
	first := room(uint32(len(items)) * size)
	for i, item := range items {
		put(first+address(uint32(i)*size), item)
	}
	(place + abiListData).putUint32(uint32(first))
	(place + abiListLength).putUint32(uint32(len(items)))
}
