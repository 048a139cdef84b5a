package main

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/spf13/cobra"
)

// A cronQuestion asks when a rule fires next; "after" is RFC 3339.
type cronQuestion struct {
	Rule  string    `json:"rule"`
	Zone  string    `json:"zone"`
	After time.Time `json:"after"`
	Count int       `json:"count"`
}

// A cronAnswer has fewer times than were asked for when five years hold no more.
type cronAnswer struct {
	Times []string `json:"times"`
	Error string   `json:"error,omitempty"`
}

// Kubernetes never reads six fields; this is the same library's reading of them.
var withSeconds = cron.NewParser(
	cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// newCronCommand builds the judge of our own reading of cron: the library that the CronJob
// controller walks with. JSON lines in, JSON lines out, so that one process answers thousands.
func newCronCommand() *cobra.Command {
	return &cobra.Command{
		Use:           "cron",
		Short:         "Read questions about cron rules, one JSON object a line, and answer each",
		SilenceUsage:  true,
		SilenceErrors: false,
		RunE: func(command *cobra.Command, _ []string) error {
			return judge(json.NewDecoder(command.InOrStdin()), json.NewEncoder(command.OutOrStdout()))
		},
	}
}

func judge(questions *json.Decoder, answers *json.Encoder) error {
	for {
		var question cronQuestion
		if err := questions.Decode(&question); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := answers.Encode(question.answer()); err != nil {
			return err
		}
	}
}

func (q cronQuestion) answer() cronAnswer {
	answer := cronAnswer{Times: []string{}}
	schedule, err := q.parse()
	if err != nil {
		answer.Error = err.Error()
		return answer
	}
	at := q.After
	for len(answer.Times) < q.Count {
		if at = schedule.Next(at); at.IsZero() {
			break
		}
		answer.Times = append(answer.Times, at.UTC().Format(time.RFC3339))
	}
	return answer
}

// parse reads a rule as the CronJob controller does: the zone goes in front of it.
func (q cronQuestion) parse() (cron.Schedule, error) {
	text := "TZ=" + q.Zone + " " + q.Rule
	if len(strings.Fields(q.Rule)) == 6 {
		return withSeconds.Parse(text)
	}
	return cron.ParseStandard(text)
}
