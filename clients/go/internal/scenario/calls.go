package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strings"

	returnsv1 "returns.commerce/client/commerce/returns/v1"
	"returns.commerce/client/returns"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

func (on *stage) call(ctx context.Context, next step) error {
	client, err := on.client(next.As)
	if err != nil {
		return err
	}
	answer, err := on.ask(ctx, client, next)
	if next.ExpectError != nil {
		return on.refused(next.ExpectError, err)
	}
	if err != nil {
		return err
	}
	said, err := plain(answer)
	if err != nil {
		return err
	}
	if err := on.Variables.matches(next.Expect, said); err != nil {
		return err
	}
	fields := said.(map[string]any)
	for variable, field := range next.Save {
		value, ok := fields[field]
		if !ok {
			return fmt.Errorf("the answer has no %s", field)
		}
		on.Variables[variable] = value
	}
	return nil
}

// Calls SERVICE.METHOD of the client.
func (on *stage) ask(ctx context.Context, client *returns.Client, next step) (proto.Message, error) {
	service, method, _ := strings.Cut(next.Call, ".")
	part := reflect.ValueOf(client).Elem().FieldByName(strings.TrimSuffix(service, "Service"))
	if !part.IsValid() || !part.MethodByName(method).IsValid() {
		return nil, fmt.Errorf("there is no method %s", next.Call)
	}
	function := part.MethodByName(method)
	request := reflect.New(function.Type().In(1).Elem())
	if err := on.message(next.Request, request.Interface().(proto.Message)); err != nil {
		return nil, err
	}
	answered := function.Call([]reflect.Value{reflect.ValueOf(ctx), request})
	if err, failed := answered[1].Interface().(error); failed {
		return nil, err
	}
	return answered[0].Interface().(proto.Message), nil
}

func (on *stage) list(ctx context.Context, next step) error {
	client, err := on.client(next.As)
	if err != nil {
		return err
	}
	var items []any
	switch next.Call {
	case "ReturnsService.ListReturns":
		items, err = collected(ctx, on, next, client.AllReturns, &returnsv1.ListReturnsRequest{})
	case "ReturnsService.ListReturnableItems":
		items, err = collected(ctx, on, next, client.AllReturnableItems, &returnsv1.ListReturnableItemsRequest{})
	case "ReturnsService.ListReturnEvents":
		items, err = collected(ctx, on, next, client.AllReturnEvents, &returnsv1.ListReturnEventsRequest{})
	case "OrdersService.ListOrders":
		items, err = collected(ctx, on, next, client.AllOrders, &returnsv1.ListOrdersRequest{})
	default:
		err = fmt.Errorf("there is no list %s", next.Call)
	}
	if err != nil {
		return err
	}
	if next.SaveItems != "" {
		on.Variables[next.SaveItems] = items
	}
	if next.ExpectItems == nil {
		return nil
	}
	return on.Variables.matches(next.ExpectItems, items)
}

func collected[Request, Item proto.Message](
	ctx context.Context, on *stage, next step,
	all func(context.Context, Request) iter.Seq2[Item, error], request Request,
) ([]any, error) {
	if err := on.message(next.Request, request); err != nil {
		return nil, err
	}
	items := []any{}
	for item, err := range all(ctx, request) {
		if err != nil {
			return nil, err
		}
		said, err := plain(item)
		if err != nil {
			return nil, err
		}
		items = append(items, said)
	}
	return items, nil
}

func (on *stage) message(said any, into proto.Message) error {
	filled, err := on.Variables.fill(said)
	if err != nil {
		return err
	}
	content, err := json.Marshal(filled)
	if err != nil {
		return err
	}
	return protojson.Unmarshal(content, into)
}

// The message as JSON has it, with what has its default left out.
func plain(message proto.Message) (any, error) {
	content, err := protojson.Marshal(message)
	if err != nil {
		return nil, err
	}
	var said any
	err = json.Unmarshal(content, &said)
	return said, err
}

func (on *stage) refused(expected any, err error) error {
	if err == nil {
		return errors.New("it was not refused")
	}
	var refused *returns.Error
	if !errors.As(err, &refused) {
		return fmt.Errorf("an error without a reason: %w", err)
	}
	metadata := map[string]any{}
	for name, value := range refused.Metadata {
		metadata[name] = value
	}
	return on.Variables.matches(expected, map[string]any{
		"code": code.Code_name[int32(refused.Code)], "reason": string(refused.Reason), "metadata": metadata,
	})
}
