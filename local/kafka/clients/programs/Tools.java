// Kafka's own tools, one after the other in one JVM, as the start of a JVM costs more than what most of them do.
// java Tools SESSIONS: the file has an array of {name, tool, args, input} in JSON. Of each there is a line `== name`,
// then what the tool has written, and its exit status where that is not 0.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Exit;

import static java.nio.charset.StandardCharsets.UTF_8;

public class Tools {
    /** Stands for the end of a JVM. */
    static final class Ended extends Error { }

    static final PrintStream OUT = System.out;
    static final List<Runnable> HOOKS = new ArrayList<>();
    static Integer status;

    public static void main(String[] arguments) throws Exception {
        Exit.setExitProcedure((code, message) -> end(code));
        Exit.setHaltProcedure((code, message) -> end(code));
        Exit.setShutdownHookAdder((name, hook) -> HOOKS.add(hook));
        for (JsonNode session : new ObjectMapper().readTree(new File(arguments[0]))) {
            ByteArrayOutputStream written = new ByteArrayOutputStream();
            PrintStream said = new PrintStream(written, true, UTF_8);
            System.setIn(new ByteArrayInputStream(session.get("input").asText().getBytes(UTF_8)));
            System.setOut(said);
            System.setErr(said);
            status = null;
            run(session.get("tool").asText(), words(session.get("args")), said);
            System.setOut(said);
            HOOKS.forEach(Runnable::run);
            HOOKS.clear();
            OUT.println("== " + session.get("name").asText());
            OUT.println(written.toString(UTF_8).strip());
            if (status != null && status != 0) OUT.println("exit " + status);
            OUT.flush();
        }
        Runtime.getRuntime().halt(0);
    }

    /** Some tools catch all that is thrown: what they do after their end does not count. */
    static void end(int code) {
        if (status == null) status = code;
        System.setOut(new PrintStream(OutputStream.nullOutputStream()));
        System.setErr(System.out);
        throw new Ended();
    }

    static String[] words(JsonNode args) {
        List<String> words = new ArrayList<>();
        args.forEach(word -> words.add(word.asText()));
        return words.toArray(String[]::new);
    }

    static void run(String tool, String[] args, PrintStream said) throws Exception {
        try {
            Class.forName(tool).getMethod("main", String[].class).invoke(null, (Object) args);
        } catch (InvocationTargetException failure) {
            if (!(failure.getCause() instanceof Ended)) said.println(failure.getCause());
        }
    }
}
