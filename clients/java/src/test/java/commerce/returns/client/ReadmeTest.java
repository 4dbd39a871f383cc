package commerce.returns.client;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {
  private static final String PROGRAM =
      """
      import commerce.returns.client.*;
      import commerce.returns.v1.*;
      import java.nio.file.Path;
      import java.util.function.UnaryOperator;

      abstract class Block%d {
        interface Request { String getHeader(String name); }

        abstract void handle(ReturnEvent event);

        abstract void store(String cursor);

        void block(ReturnsClient client, ReturnDraft draft, UpdateReturnRequest request, String stored)
            throws Exception {
          %s
        }
      }
      """;

  /** Every block of the README compiles against the client as it is. */
  @Test
  void theReadmeCompiles(@TempDir Path folder) throws IOException {
    var found = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(Path.of("README.md")));
    List<JavaFileObject> sources = new ArrayList<>();
    while (found.find()) {
      String program = PROGRAM;
      String block = found.group(1);
      if (block.contains("ReturnsClient client =")) {
        program = program.replace("ReturnsClient client, ", "");
      }
      if (block.contains("request::getHeader")) {
        program = program.replace("UpdateReturnRequest request", "Request request, byte[] body, String secret");
      }
      int number = sources.size();
      String source = program.formatted(number, block);
      sources.add(
          new SimpleJavaFileObject(URI.create("string:///Block" + number + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
              return source;
            }
          });
    }
    assertTrue(sources.size() >= 4, "blocks: " + sources.size());
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    List<String> options =
        List.of("-proc:none", "-d", folder.toString(), "-cp", System.getProperty("java.class.path"));
    assertTrue(compiler.getTask(said, null, null, options, null, sources).call(), said::toString);
  }
}
