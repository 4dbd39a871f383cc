// Command first-return sends an order, files a return over it, and follows what happens until it hears of it.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	returnsv1 "returns.commerce/client/commerce/returns/v1"
	"returns.commerce/client/returns"

	"google.golang.org/genproto/googleapis/type/money"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	client, err := returns.NewClient(
		os.Getenv("RETURNS_ADDRESS"),
		returns.WithPlainText(), // A development server on this machine; leave it out elsewhere.
		returns.WithToken(returns.StaticToken(os.Getenv("TOKEN"))),
	)
	if err != nil {
		return err
	}
	defer client.Close()

	_, err = client.Orders.UpsertOrder(ctx, &returnsv1.UpsertOrderRequest{Order: &returnsv1.Order{
		Name:         "tenants/acme/orders/1001",
		CustomerId:   "c-17",
		CurrencyCode: "EUR",
		PlaceTime:    timestamppb.Now(),
		Lines: []*returnsv1.OrderLine{{
			LineId: "1", ProductId: "teapot", Quantity: 3,
			Total: &returnsv1.PriceBreakdown{Gross: &money.Money{CurrencyCode: "EUR", Units: 10}},
		}},
	}})
	if err != nil {
		return err
	}

	filed, err := client.Returns.CreateReturn(ctx, &returnsv1.CreateReturnRequest{
		Parent: "tenants/acme",
		Draft: &returnsv1.ReturnDraft{
			Orders: []*returnsv1.DraftOrder{{
				Order: "1001",
				Items: []*returnsv1.DraftItem{{LineId: "1", Quantity: 2}},
			}},
			Reason: &returnsv1.Reason{Code: "DAMAGED", Details: "two lids are broken"},
		},
	})
	if err != nil {
		return err
	}
	gross := filed.GetTotal().GetGross()
	fmt.Println("filed", filed.GetNumber(), gross.GetUnits(), gross.GetNanos()) // Two of three teapots: 6.67 EUR.

	// One teapot is left: another two are refused, with the reason and the facts.
	_, err = client.Returns.UpdateReturn(ctx, &returnsv1.UpdateReturnRequest{
		Name: filed.GetName(),
		Draft: &returnsv1.ReturnDraft{Orders: []*returnsv1.DraftOrder{{
			Order: "1001",
			Items: []*returnsv1.DraftItem{{LineId: "1", Quantity: 4}},
		}}},
	})
	var refused *returns.Error
	if errors.Is(err, returns.ErrQuantityExceedsReturnable) && errors.As(err, &refused) {
		fmt.Println("refused", refused.Reason, "available:", refused.Metadata["available"])
	}

	for pending, err := range client.AllReturns(ctx, &returnsv1.ListReturnsRequest{
		Parent: "tenants/acme", Filter: "state=PENDING",
	}) {
		if err != nil {
			return err
		}
		fmt.Println("pending", pending.GetNumber())
	}

	for event, err := range client.Follow(ctx, &returnsv1.StreamReturnEventsRequest{
		Parent:   "tenants/acme",
		Position: &returnsv1.StreamReturnEventsRequest_Start_{Start: returnsv1.StreamReturnEventsRequest_START_EARLIEST},
	}) {
		if err != nil {
			return err
		}
		fmt.Println("event", event.GetSequence(), event.GetType())
		// Store event.GetCursor() with what was made of the event, to go on there (AfterCursor) after a restart.
		if event.GetReturnName() == filed.GetName() {
			break
		}
	}
	return nil
}
