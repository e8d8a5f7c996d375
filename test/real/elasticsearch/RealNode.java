import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Starts one real Elasticsearch 7.17, 8.x or 9.x node from plain jars: HOME DATADIR PORT [setting=value ...].
 *
 * <p>The three majors differ in how a node is made, so everything goes through reflection and this one class serves them all. It prints
 * {@code ready URL} when the node answers, and closes the node on SIGTERM.
 */
public final class RealNode {
  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]).toAbsolutePath();
    Path data = Path.of(arguments[1]).toAbsolutePath();
    int port = Integer.parseInt(arguments[2]);
    String name = "node-" + port;
    Files.createDirectories(data);
    System.setProperty("es.logs.base_path", data.toString());
    useServerLogging();

    Map<String, String> settings = settings(home, data, port, name);
    for (String setting : Arrays.asList(arguments).subList(3, arguments.length)) {
      int equals = setting.indexOf('=');
      settings.put(setting.substring(0, equals), setting.substring(equals + 1));
    }
    Object node = newNode(environment(home, settings, name), home);
    answerRoot(node, name);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    node.getClass().getMethod("start").invoke(node);

    String url = "http://127.0.0.1:" + port;
    awaitAnswer(url);
    System.out.println("ready " + url);
    Thread.currentThread().join();
  }

  private static Map<String, String> settings(Path home, Path data, int port, String name) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("path.home", home.toString());
    settings.put("path.data", data.toString());
    settings.put("path.logs", data.resolve("logs").toString());
    settings.put("cluster.name", "real");
    settings.put("node.name", name);
    settings.put("network.host", "127.0.0.1");
    settings.put("http.port", String.valueOf(port));
    settings.put("transport.port", String.valueOf(port + 100));
    settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
    settings.put("discovery.type", "single-node");
    return settings;
  }

  /** From 8.x on the logging facade must be given its implementation before any class logs. */
  private static void useServerLogging() throws Exception {
    for (Method method : server("common.logging.LogConfigurator").getDeclaredMethods()) {
      if (method.getName().equals("configureESLogging") && method.getParameterCount() == 0) method.invoke(null);
    }
  }

  private static Object environment(Path home, Map<String, String> settings, String name) throws Exception {
    Class<?> type = server("common.settings.Settings");
    Object builder = type.getMethod("builder").invoke(null);
    for (Map.Entry<String, String> setting : settings.entrySet()) {
      builder.getClass().getMethod("put", String.class, String.class).invoke(builder, setting.getKey(), setting.getValue());
    }
    return server("node.InternalSettingsPreparer")
        .getMethod("prepareEnvironment", type, Map.class, Path.class, Supplier.class)
        .invoke(null, builder.getClass().getMethod("build").invoke(builder), Map.of(), home.resolve("config"), (Supplier<String>) () -> name);
  }

  /** {@code new Node(environment)} up to 8.16, {@code new Node(environment, pluginsLoader)} since. */
  private static Object newNode(Object environment, Path home) throws Exception {
    Class<?> type = server("node.Node");
    for (Constructor<?> constructor : type.getConstructors()) {
      Class<?>[] parameters = constructor.getParameterTypes();
      if (parameters.length == 2 && parameters[1].getSimpleName().equals("PluginsLoader")) {
        return constructor.newInstance(environment, pluginsLoader(parameters[1], home));
      }
    }
    return type.getConstructor(server("env.Environment")).newInstance(environment);
  }

  private static Object pluginsLoader(Class<?> type, Path home) throws Exception {
    Object modules = bundles(type, "loadModulesBundles", home.resolve("modules"));
    Object plugins = bundles(type, "loadPluginsBundles", home.resolve("plugins"));
    Method four = method(type, "createPluginsLoader", 4);
    // false: no check of the server module's exports, since the jars are on the class path and not on the module path
    if (four != null) return four.invoke(null, modules, plugins, Map.of(), false);
    return method(type, "createPluginsLoader", 3).invoke(null, modules, plugins, Map.of());
  }

  private static Object bundles(Class<?> type, String name, Path directory) throws Exception {
    Method one = method(type, name, 1);
    return one != null ? one.invoke(null, directory) : method(type, name, 2).invoke(null, directory, false);
  }

  /**
   * Answers {@code GET /}. 8.x and 9.x keep it in a module that Maven Central does not have (the bare server answers 405), so an equal
   * handler is registered; 7.17 has its own. It is the one answer that is imitated.
   */
  private static void answerRoot(Object node, String name) throws Exception {
    try {
      server("rest.action.RestMainAction");
      return;
    } catch (ClassNotFoundException absent) {
      // register ours
    }
    Class<?> handler = server("rest.RestHandler");
    Class<?> route = server("rest.RestHandler$Route");
    Class<?> method = server("rest.RestRequest$Method");
    Class<?> status = server("rest.RestStatus");
    Class<?> response = server("rest.RestResponse");
    Object build = server("Build").getMethod("current").invoke(null);
    String body = ("{'name':'%s','cluster_name':'real','version':{'number':'%s'},'tagline':'You Know, for Search'}")
        .replace('\'', '"').formatted(name, build.getClass().getMethod("version").invoke(build));

    List<Object> routes = new ArrayList<>();
    for (String verb : List.of("GET", "HEAD")) {
      routes.add(route.getConstructor(method, String.class).newInstance(method.getField(verb).get(null), "/"));
    }
    Object proxy = Proxy.newProxyInstance(handler.getClassLoader(), new Class<?>[] {handler}, (self, called, given) ->
        switch (called.getName()) {
          case "routes" -> routes;
          case "handleRequest" -> {
            Object ok = response.getConstructor(status, String.class, String.class)
                .newInstance(status.getField("OK").get(null), "application/json", body);
            server("rest.RestChannel").getMethod("sendResponse", response).invoke(given[1], ok);
            yield null;
          }
          case "hashCode" -> System.identityHashCode(self);
          case "equals" -> self == given[0];
          case "toString" -> "GET /";
          default -> InvocationHandler.invokeDefault(self, called, given);
        });
    Method injector = node.getClass().getMethod("injector");
    Object controller = injector.getReturnType().getMethod("getInstance", Class.class)
        .invoke(injector.invoke(node), server("rest.RestController"));
    controller.getClass().getMethod("registerHandler", handler).invoke(controller, proxy);
  }

  private static void awaitAnswer(String url) throws InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest health = HttpRequest.newBuilder(URI.create(url + "/_cluster/health?timeout=1s")).build();
    for (int attempt = 0; attempt < 600; attempt++) {
      try {
        if (client.send(health, HttpResponse.BodyHandlers.ofString()).statusCode() == 200) return;
      } catch (IOException notYet) {
        // the port opens a little later
      }
      Thread.sleep(100);
    }
    throw new IllegalStateException("no answer from " + url + " within a minute");
  }

  private static void close(Object node) {
    try {
      ((AutoCloseable) node).close();
      node.getClass().getMethod("awaitClose", long.class, TimeUnit.class).invoke(node, 20L, TimeUnit.SECONDS);
    } catch (Exception failure) {
      failure.printStackTrace();
    }
  }

  private static Class<?> server(String name) throws ClassNotFoundException {
    return Class.forName("org.elasticsearch." + name);
  }

  private static Method method(Class<?> type, String name, int parameters) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> method.getName().equals(name) && method.getParameterCount() == parameters)
        .findFirst()
        .orElse(null);
  }
}
