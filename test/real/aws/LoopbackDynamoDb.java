import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import java.lang.reflect.Field;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * DynamoDB Local on loopback only. Its own command line has no option for the host and would listen on every interface, so the web
 * server inside is told before it starts.
 *
 * java -Djava.library.path=LIB -cp 'LIB/*' LoopbackDynamoDb.java -inMemory -sharedDb -disableTelemetry -port 8000
 */
public class LoopbackDynamoDb {
  public static void main(String[] arguments) throws Exception {
    var dynamo = ServerRunner.createServerFromCommandLineArgs(arguments);
    for (Connector connector : webServerOf(dynamo).getConnectors()) {
      ((ServerConnector) connector).setHost("127.0.0.1");
    }
    dynamo.start();
    dynamo.join();
  }

  private static Server webServerOf(Object dynamo) throws IllegalAccessException {
    for (Field field : dynamo.getClass().getDeclaredFields()) {
      if (Server.class.isAssignableFrom(field.getType())) {
        field.setAccessible(true);
        return (Server) field.get(dynamo);
      }
    }
    throw new IllegalStateException("DynamoDB Local has no Jetty server any more: look for how it listens now");
  }
}
