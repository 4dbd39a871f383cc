package returns

import (
	"context"
	"iter"

	returnsv1 "returns.commerce/client/commerce/returns/v1"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Page is an answer of a list method.
type Page interface {
	proto.Message
	GetNextPageToken() string
}

// Pages are the pages of a list, from the request's page_token on, each asked for when it is wanted:
//
//	for page, err := range returns.Pages(ctx, client.Returns.ListReturns, request) {
//
// The first error is the last thing that comes. The request stays as it is.
func Pages[Request proto.Message, Answer Page](
	ctx context.Context, list func(context.Context, Request, ...grpc.CallOption) (Answer, error), request Request,
) iter.Seq2[Answer, error] {
	return func(yield func(Answer, error) bool) {
		next := proto.CloneOf(request)
		token := next.ProtoReflect().Descriptor().Fields().ByName("page_token")
		for {
			page, err := list(ctx, next)
			if err != nil {
				var none Answer
				yield(none, err)
				return
			}
			if !yield(page, nil) || page.GetNextPageToken() == "" {
				return
			}
			next.ProtoReflect().Set(token, protoreflect.ValueOfString(page.GetNextPageToken()))
		}
	}
}

func each[Answer Page, Item any](pages iter.Seq2[Answer, error], of func(Answer) []Item) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		for page, err := range pages {
			if err != nil {
				var none Item
				yield(none, err)
				return
			}
			for _, item := range of(page) {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// AllReturns are the returns of all pages of a list. Where its total size or event cursor is wanted, use [Pages].
func (c *Client) AllReturns(
	ctx context.Context, request *returnsv1.ListReturnsRequest,
) iter.Seq2[*returnsv1.Return, error] {
	return each(Pages(ctx, c.Returns.ListReturns, request), (*returnsv1.ListReturnsResponse).GetReturns)
}

// AllReturnableItems are the lines of all pages of what can still go back.
func (c *Client) AllReturnableItems(
	ctx context.Context, request *returnsv1.ListReturnableItemsRequest,
) iter.Seq2[*returnsv1.ReturnableItem, error] {
	return each(
		Pages(ctx, c.Returns.ListReturnableItems, request),
		(*returnsv1.ListReturnableItemsResponse).GetReturnableItems,
	)
}

// AllReturnEvents are the events of all pages: a return's timeline, or what a tenant's log has kept up to now.
func (c *Client) AllReturnEvents(
	ctx context.Context, request *returnsv1.ListReturnEventsRequest,
) iter.Seq2[*returnsv1.ReturnEvent, error] {
	return each(Pages(ctx, c.Returns.ListReturnEvents, request), (*returnsv1.ListReturnEventsResponse).GetEvents)
}

// AllOrders are the orders of all pages of a list.
func (c *Client) AllOrders(
	ctx context.Context, request *returnsv1.ListOrdersRequest,
) iter.Seq2[*returnsv1.Order, error] {
	return each(Pages(ctx, c.Orders.ListOrders, request), (*returnsv1.ListOrdersResponse).GetOrders)
}

// AllWebhookEndpoints are the endpoints of all pages of a list.
func (c *Client) AllWebhookEndpoints(
	ctx context.Context, request *returnsv1.ListWebhookEndpointsRequest,
) iter.Seq2[*returnsv1.WebhookEndpoint, error] {
	return each(
		Pages(ctx, c.Webhooks.ListWebhookEndpoints, request),
		(*returnsv1.ListWebhookEndpointsResponse).GetWebhookEndpoints,
	)
}

// AllWebhookDeliveries are the deliveries of all pages of a list.
func (c *Client) AllWebhookDeliveries(
	ctx context.Context, request *returnsv1.ListWebhookDeliveriesRequest,
) iter.Seq2[*returnsv1.WebhookDelivery, error] {
	return each(
		Pages(ctx, c.Webhooks.ListWebhookDeliveries, request),
		(*returnsv1.ListWebhookDeliveriesResponse).GetDeliveries,
	)
}

// AllWebhookRedeliveries are the redelivery jobs of all pages of a list.
func (c *Client) AllWebhookRedeliveries(
	ctx context.Context, request *returnsv1.ListWebhookRedeliveriesRequest,
) iter.Seq2[*returnsv1.WebhookRedelivery, error] {
	return each(
		Pages(ctx, c.Webhooks.ListWebhookRedeliveries, request),
		(*returnsv1.ListWebhookRedeliveriesResponse).GetWebhookRedeliveries,
	)
}
