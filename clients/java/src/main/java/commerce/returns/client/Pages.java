package commerce.returns.client;

import com.google.protobuf.Message;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * All items of a list, over all its pages, each page asked for when it is wanted. It may be walked more than once; iterating
 * throws ReturnsException.
 */
public final class Pages<P extends Message, T> implements Iterable<T> {
  private final Function<String, P> page;
  private final Function<P, List<T>> items;
  private final String first;

  /** `page` answers the page of a token, `items` what is on it; `first` is the first page's token. */
  Pages(Function<String, P> page, Function<P, List<T>> items, String first) {
    this.page = page;
    this.items = items;
    this.first = first;
  }

  @SuppressWarnings("unchecked")
  static <Q extends Message, P extends Message, T> Pages<P, T> of(
      Function<Q, P> list, Q request, Function<P, List<T>> items) {
    var field = request.getDescriptorForType().findFieldByName("page_token");
    return new Pages<>(
        token -> list.apply((Q) request.toBuilder().setField(field, token).build()),
        items,
        (String) request.getField(field));
  }

  /** The pages as they come, with all that they say beside their items. */
  public Iterable<P> pages() {
    return PageIterator::new;
  }

  /** The items as a stream. */
  public Stream<T> stream() {
    return StreamSupport.stream(spliterator(), false);
  }

  @Override
  public Iterator<T> iterator() {
    return new Iterator<>() {
      private final Iterator<P> pages = new PageIterator();
      private Iterator<T> here = List.<T>of().iterator();

      @Override
      public boolean hasNext() {
        while (!here.hasNext() && pages.hasNext()) {
          here = items.apply(pages.next()).iterator();
        }
        return here.hasNext();
      }

      @Override
      public T next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        return here.next();
      }
    };
  }

  private final class PageIterator implements Iterator<P> {
    private String token = first;

    @Override
    public boolean hasNext() {
      return token != null;
    }

    @Override
    public P next() {
      if (token == null) {
        throw new NoSuchElementException();
      }
      P answer = page.apply(token);
      var field = answer.getDescriptorForType().findFieldByName("next_page_token");
      String next = (String) answer.getField(field);
      token = next.isEmpty() ? null : next;
      return answer;
    }
  }
}
