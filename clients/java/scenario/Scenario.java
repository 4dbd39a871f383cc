import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Message;
import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.util.JsonFormat;
import commerce.returns.client.Following;
import commerce.returns.client.Pages;
import commerce.returns.client.ReturnsClient;
import commerce.returns.client.ReturnsException;
import commerce.returns.client.TokenSource;
import commerce.returns.v1.ListOrdersRequest;
import commerce.returns.v1.ListReturnEventsRequest;
import commerce.returns.v1.ListReturnableItemsRequest;
import commerce.returns.v1.ListReturnsRequest;
import commerce.returns.v1.ReturnEvent;
import commerce.returns.v1.StreamReturnEventsRequest;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Plays a scenario of clients/scenario with the Java client; the README there says what it is given and must do. */
public final class Scenario {
  private static final Duration PATIENCE = Duration.ofSeconds(120);
  private static final Duration AFTERTHOUGHT = Duration.ofSeconds(1);
  private static final Pattern REFERENCE = Pattern.compile("\\$\\{(\\w+)}");

  /** A step is not as it should be. */
  private static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;

    Failed(String why) {
      super(why);
    }
  }

  private final JsonObject told;
  private final Map<String, JsonElement> variables = new HashMap<>();
  private final Map<String, ReturnsClient> clients = new HashMap<>();
  private final Map<String, Follower> followers = new HashMap<>();
  private final HttpClient http = HttpClient.newHttpClient();

  private Scenario(JsonObject told) {
    this.told = told;
    told.getAsJsonObject("variables").entrySet().forEach(one -> variables.put(one.getKey(), one.getValue()));
  }

  public static void main(String[] arguments) throws Exception {
    JsonObject told = read(arguments[0]);
    Scenario scenario = new Scenario(told);
    int code = 0;
    try {
      scenario.play(read(told.get("scenario").getAsString()).getAsJsonArray("steps"));
    } catch (Failed failed) {
      System.out.println(failed.getMessage());
      code = 1;
    } finally {
      scenario.followers.values().forEach(Follower::stop);
      scenario.clients.values().forEach(ReturnsClient::close);
    }
    System.exit(code);
  }

  private static JsonObject read(String path) throws Exception {
    return JsonParser.parseString(Files.readString(Path.of(path))).getAsJsonObject();
  }

  private void play(JsonArray steps) throws Failed {
    for (JsonElement each : steps) {
      JsonObject step = each.getAsJsonObject();
      String name = step.get("step").getAsString();
      try {
        act(step);
      } catch (Exception failed) {
        String why = failed instanceof Failed ? failed.getMessage() : failed.toString();
        throw new Failed("FAILED " + name + ": " + why);
      }
      System.out.println("ok " + name);
    }
  }

  private void act(JsonObject step) throws Exception {
    switch (step.get("op").getAsString()) {
      case "call" -> call(step);
      case "list" -> list(step);
      case "follow" -> follow(step);
      case "followed" -> followed(step);
      case "restart" -> restart();
      case "repeat" -> {
        int times = Integer.parseInt(fill(step.get("times")).getAsString());
        for (int round = 1; round <= times; round++) {
          variables.put("round", new JsonPrimitive(Integer.toString(round)));
          play(step.getAsJsonArray("steps"));
        }
      }
      default -> throw new Failed("there is no op " + step.get("op"));
    }
  }

  private void restart() throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(told.get("control").getAsString() + "/restart"))
            .timeout(PATIENCE)
            .POST(HttpRequest.BodyPublishers.noBody())
            .build();
    int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    if (status != 204) {
      throw new Failed("the restart answered " + status);
    }
  }

  private ReturnsClient client(JsonObject step) {
    return clients.computeIfAbsent(
        step.get("as").getAsString(),
        as ->
            ReturnsClient.at(told.get("address").getAsString())
                .plainText()
                // Java's own start takes most of the default on a machine that is busy.
                .deadline(Duration.ofMinutes(1))
                .token(TokenSource.of(told.getAsJsonObject("tokens").get(as).getAsString()))
                .build());
  }

  private void call(JsonObject step) throws Exception {
    Message answer;
    try {
      answer = ask(client(step), step);
    } catch (ReturnsException refused) {
      if (!step.has("expect_error")) {
        throw refused;
      }
      matches(fill(step.get("expect_error")), plain(refused), "error");
      return;
    }
    if (step.has("expect_error")) {
      throw new Failed("it was not refused");
    }
    JsonObject said = plain(answer).getAsJsonObject();
    matches(fill(step.get("expect")), said, "answer");
    if (step.has("save")) {
      for (var one : step.getAsJsonObject("save").entrySet()) {
        JsonElement value = said.get(one.getValue().getAsString());
        if (value == null) {
          throw new Failed("the answer has no " + one.getValue());
        }
        variables.put(one.getKey(), value);
      }
    }
  }

  /** Calls SERVICE.METHOD of the client. */
  private Message ask(ReturnsClient client, JsonObject step) throws Exception {
    String[] call = step.get("call").getAsString().split("\\.");
    Object part = ReturnsClient.class.getMethod(lower(call[0].replaceFirst("Service$", ""))).invoke(client);
    String name = lower(call[1]);
    Method method =
        Arrays.stream(part.getClass().getMethods())
            .filter(one -> one.getName().equals(name))
            .findFirst()
            .orElseThrow(() -> new Failed("there is no method " + step.get("call")));
    Message.Builder request =
        (Message.Builder) method.getParameterTypes()[0].getMethod("newBuilder").invoke(null);
    try {
      return (Message) method.invoke(part, message(step, request).build());
    } catch (InvocationTargetException failed) {
      if (failed.getCause() instanceof ReturnsException refused) {
        throw refused;
      }
      throw failed;
    }
  }

  private static String lower(String name) {
    return Character.toLowerCase(name.charAt(0)) + name.substring(1);
  }

  private void list(JsonObject step) throws Exception {
    ReturnsClient client = client(step);
    Pages<?, ? extends Message> items =
        switch (step.get("call").getAsString()) {
          case "ReturnsService.ListReturns" ->
              client.returns().allReturns(message(step, ListReturnsRequest.newBuilder()).build());
          case "ReturnsService.ListReturnableItems" ->
              client.returns().allReturnableItems(message(step, ListReturnableItemsRequest.newBuilder()).build());
          case "ReturnsService.ListReturnEvents" ->
              client.returns().allReturnEvents(message(step, ListReturnEventsRequest.newBuilder()).build());
          case "OrdersService.ListOrders" ->
              client.orders().allOrders(message(step, ListOrdersRequest.newBuilder()).build());
          default -> throw new Failed("there is no list " + step.get("call"));
        };
    JsonArray said = new JsonArray();
    for (Message item : items) {
      said.add(plain(item));
    }
    if (step.has("save_items")) {
      variables.put(step.get("save_items").getAsString(), said);
    }
    if (step.has("expect_items")) {
      matches(fill(step.get("expect_items")), said, "items");
    }
  }

  /** Follows in a thread of its own. */
  private final class Follower {
    private final Following following;
    private final Thread thread;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<JsonElement> handled = new ArrayList<>();
    private boolean ended;
    private RuntimeException error;

    Follower(Following following) {
      this.following = following;
      this.thread = new Thread(this::run);
      thread.start();
    }

    private void run() {
      RuntimeException why = null;
      try {
        for (ReturnEvent event : following) {
          JsonElement said = plain(event);
          tell(() -> handled.add(said));
        }
      } catch (RuntimeException failed) {
        why = failed;
      }
      RuntimeException last = why;
      tell(
          () -> {
            ended = true;
            error = last;
          });
    }

    private void tell(Runnable change) {
      lock.lock();
      try {
        change.run();
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    /** Wait until there are so many events or the loop has ended; what there is then. */
    List<JsonElement> await(int count, Duration patience) throws InterruptedException {
      lock.lock();
      try {
        long left = patience.toNanos();
        while (handled.size() < count && !ended && left > 0) {
          left = changed.awaitNanos(left);
        }
        return List.copyOf(handled);
      } finally {
        lock.unlock();
      }
    }

    void stop() {
      following.close();
      try {
        thread.join(TimeUnit.SECONDS.toMillis(10));
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void follow(JsonObject step) throws Exception {
    StreamReturnEventsRequest request = message(step, StreamReturnEventsRequest.newBuilder()).build();
    followers.put(step.get("follower").getAsString(), new Follower(client(step).returns().follow(request)));
  }

  private void followed(JsonObject step) throws Exception {
    Follower follower = followers.get(step.get("follower").getAsString());
    if (step.has("expect_error")) {
      follower.await(Integer.MAX_VALUE, PATIENCE);
      follower.stop();
      if (!(follower.error instanceof ReturnsException refused)) {
        throw new Failed("it was not refused, but ended with " + follower.error);
      }
      matches(fill(step.get("expect_error")), plain(refused), "error");
      return;
    }
    JsonArray expected = fill(step.get("expect_events")).getAsJsonArray();
    follower.await(expected.size(), PATIENCE);
    follower.await(expected.size() + 1, AFTERTHOUGHT);
    follower.stop();
    if (follower.error != null) {
      throw follower.error;
    }
    JsonArray said = new JsonArray();
    Set<String> seen = new HashSet<>();
    long last = 0;
    for (JsonElement event : follower.handled) {
      said.add(event);
      long sequence = event.getAsJsonObject().get("sequence").getAsLong();
      if (!seen.add(event.getAsJsonObject().get("id").getAsString()) || sequence <= last) {
        throw new Failed("the event " + sequence + " came after " + last);
      }
      last = sequence;
    }
    matches(expected, said, "events");
  }

  private <B extends Message.Builder> B message(JsonObject step, B into) throws Exception {
    JsonFormat.parser().merge(fill(step.get("request")).toString(), into);
    return into;
  }

  private static JsonElement plain(MessageOrBuilder message) {
    try {
      return JsonParser.parseString(JsonFormat.printer().print(message));
    } catch (com.google.protobuf.InvalidProtocolBufferException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static JsonObject plain(ReturnsException refused) {
    JsonObject said = new JsonObject();
    said.addProperty("code", refused.code().name());
    said.addProperty("reason", refused.reasonName());
    said.add("metadata", new Gson().toJsonTree(refused.metadata()));
    return said;
  }

  /** Puts variables in: a text that is one variable becomes its value, of whatever type. */
  private JsonElement fill(JsonElement said) throws Failed {
    if (said.isJsonArray()) {
      JsonArray filled = new JsonArray();
      for (JsonElement one : said.getAsJsonArray()) {
        filled.add(fill(one));
      }
      return filled;
    }
    if (said.isJsonObject()) {
      JsonObject filled = new JsonObject();
      for (var one : said.getAsJsonObject().entrySet()) {
        filled.add(one.getKey(), fill(one.getValue()));
      }
      return filled;
    }
    if (!said.isJsonPrimitive() || !said.getAsJsonPrimitive().isString()) {
      return said;
    }
    Matcher found = REFERENCE.matcher(said.getAsString());
    if (found.matches()) {
      return variable(found.group(1));
    }
    StringBuilder filled = new StringBuilder();
    found.reset();
    while (found.find()) {
      found.appendReplacement(filled, Matcher.quoteReplacement(variable(found.group(1)).getAsString()));
    }
    return new JsonPrimitive(found.appendTail(filled).toString());
  }

  private JsonElement variable(String name) throws Failed {
    JsonElement value = variables.get(name);
    if (value == null) {
      throw new Failed("the variable " + name + " is not set");
    }
    return value;
  }

  /** Throws unless what was said is what was expected, with the first place where it is not. */
  private static void matches(JsonElement expected, JsonElement said, String at) throws Failed {
    JsonElement there = said == null ? JsonNull.INSTANCE : said;
    if (expected.isJsonObject() && there.isJsonObject()) {
      for (var one : expected.getAsJsonObject().entrySet()) {
        matches(one.getValue(), there.getAsJsonObject().get(one.getKey()), at + "." + one.getKey());
      }
      return;
    }
    if (expected.isJsonArray() && (there.isJsonArray() || there.isJsonNull())) {
      JsonArray wanted = expected.getAsJsonArray();
      JsonArray elements = there.isJsonNull() ? new JsonArray() : there.getAsJsonArray();
      if (wanted.size() != elements.size()) {
        throw new Failed(at + " has " + elements.size() + " elements, expected " + wanted.size());
      }
      for (int i = 0; i < wanted.size(); i++) {
        matches(wanted.get(i), elements.get(i), at + "[" + i + "]");
      }
      return;
    }
    boolean numbers = isNumber(expected) && isNumber(there);
    if (numbers ? expected.getAsDouble() != there.getAsDouble() : !expected.equals(there)) {
      throw new Failed(at + " is " + there + ", expected " + expected);
    }
  }

  private static boolean isNumber(JsonElement value) {
    return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
  }
}
